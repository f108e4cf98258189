-- Topics: what they are, what became of them, and which mention speaks of which.

CREATE TABLE topics (
    topic_id BIGINT NOT NULL, -- for good, whatever the topic comes to be called
    name VARCHAR NOT NULL,
    words VARCHAR[] NOT NULL, -- its nouns, by rank
    centre FLOAT[] NOT NULL, -- in the space of words of the last fit
    share DOUBLE NOT NULL, -- of all texts, when last found
    found_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ -- null while it lives
);

-- What a word says for a topic; the sum over a text's words decides its topic.
CREATE TABLE topic_words (word VARCHAR NOT NULL, topic_id BIGINT NOT NULL, weight FLOAT NOT NULL);

CREATE TABLE topic_events (
    happened_at TIMESTAMPTZ NOT NULL,
    kind VARCHAR NOT NULL, -- born, split, merged, died, renamed
    topic_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    other_id BIGINT, -- the topic it split from, or went into
    before VARCHAR, -- its earlier name, where it was renamed
    share DOUBLE -- of its texts that came from the other or went there
);

-- Each time topics were found anew.
CREATE TABLE topic_fits (
    fit BIGINT NOT NULL, -- 1, 2, …
    fitted_at TIMESTAMPTZ NOT NULL,
    version VARCHAR NOT NULL, -- of the annotator whose terms were read
    space VARCHAR NOT NULL,
    heard BIGINT NOT NULL, -- mentions read by then
    texts BIGINT NOT NULL, -- of these, those looked at
    unassigned DOUBLE NOT NULL,
    agreement DOUBLE NOT NULL -- adjusted Rand index of two halves of these texts
);

CREATE TABLE mention_topics (
    mention_id UUID NOT NULL,
    text_hash UBIGINT NOT NULL,
    fit BIGINT NOT NULL,
    topic_id BIGINT, -- null: of no topic
    certainty FLOAT -- of all that its words say for any topic, the share that is for this one
);

CREATE TABLE topic_quotes (
    topic_id BIGINT NOT NULL,
    place INTEGER NOT NULL, -- 1 is the most telling
    mention_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE daily_topics (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    product VARCHAR,
    lang VARCHAR,
    topic_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    negative BIGINT NOT NULL,
    neutral BIGINT NOT NULL,
    positive BIGINT NOT NULL,
    unread BIGINT NOT NULL, -- of no known sentiment
    score_sum DOUBLE NOT NULL
);

-- How many different texts of a day say a noun; the last days alone, for what is trending.
CREATE TABLE daily_terms (
    day DATE NOT NULL,
    source VARCHAR, -- null: the row is of all sources and products together
    product VARCHAR,
    lemma VARCHAR NOT NULL, -- '' counts the texts themselves
    n BIGINT NOT NULL,
    negative BIGINT NOT NULL
);

-- Days whose mentions have changed since the two roll-ups above were made.
CREATE TABLE stale_topic_days (day DATE NOT NULL);
INSERT INTO stale_topic_days SELECT DISTINCT day FROM daily;
