-- What is understood of a text beside its sentiment: of what it speaks, what it wants, how it feels.
-- Rows of earlier annotators have nulls in the new columns: there it is not known yet.

ALTER TABLE annotations ADD COLUMN intents VARCHAR[];
ALTER TABLE annotations ADD COLUMN emotions VARCHAR[];
ALTER TABLE annotations ADD COLUMN toxicity FLOAT; -- 0..1, as spam
ALTER TABLE annotations ADD COLUMN spam FLOAT;
ALTER TABLE annotations ADD COLUMN sponsored BOOLEAN;
ALTER TABLE annotations ADD COLUMN aspect_signs VARCHAR; -- what `heard` has of `aspects`

-- Offsets are code points of title, line break and text as stored; the end is not included.
CREATE TABLE aspects (
    mention_id UUID NOT NULL,
    version VARCHAR NOT NULL,
    text_hash UBIGINT NOT NULL,
    position INTEGER NOT NULL, -- its place among those of the mention, from 0
    aspect VARCHAR NOT NULL, -- a category of the lexicon, or a discovered word's lemma
    lemma VARCHAR,
    start_at INTEGER,
    end_at INTEGER,
    polarity VARCHAR NOT NULL, -- negative, neutral, positive
    score FLOAT -- -1..1
);

CREATE TABLE entities (
    mention_id UUID NOT NULL,
    version VARCHAR NOT NULL,
    text_hash UBIGINT NOT NULL,
    position INTEGER NOT NULL,
    label VARCHAR NOT NULL, -- brand, product, person, place, organisation
    name VARCHAR NOT NULL,
    start_at INTEGER,
    end_at INTEGER
);

-- ' delivery:- price:+ ': a sign for each aspect of a mention; one that is both praised and blamed
-- has the neutral sign, a dot. Null: not read yet.
ALTER TABLE heard ADD COLUMN aspects VARCHAR;
ALTER TABLE heard ADD COLUMN intents VARCHAR; -- ' complaint question '
ALTER TABLE heard ADD COLUMN emotions VARCHAR; -- ' anger sadness '
ALTER TABLE heard ADD COLUMN toxic BOOLEAN;
ALTER TABLE heard ADD COLUMN spam BOOLEAN;
ALTER TABLE heard ADD COLUMN sponsored BOOLEAN;

CREATE TABLE daily_aspects (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    product VARCHAR,
    lang VARCHAR,
    aspect VARCHAR NOT NULL,
    n BIGINT NOT NULL, -- mentions that speak of it, each once
    negative BIGINT NOT NULL, -- of these, those that blame it
    neutral BIGINT NOT NULL,
    positive BIGINT NOT NULL
);

CREATE TABLE daily_labels (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    product VARCHAR,
    lang VARCHAR,
    kind VARCHAR NOT NULL, -- intent, emotion, mark (toxic, spam, sponsored)
    label VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    negative BIGINT NOT NULL -- of these, those of negative sentiment
);
