-- Saved queries, and which mentions they find.

CREATE TABLE trackers (
    tracker VARCHAR NOT NULL,
    version BIGINT NOT NULL, -- the newest; the community keeps them all
    name VARCHAR NOT NULL,
    query VARCHAR NOT NULL, -- in the language of docs/queries.md
    active BOOLEAN NOT NULL, -- a retired one finds nothing
    saved_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE tracker_hits (tracker VARCHAR NOT NULL, mention_id UUID NOT NULL);

-- The query whose hits stand in `tracker_hits`, with the lemmas that its words were read as.
CREATE TABLE tracked (tracker VARCHAR NOT NULL, meaning VARCHAR NOT NULL, error VARCHAR);

-- Mentions that have changed, or were read anew, since trackers last looked at them.
CREATE TABLE untracked_mentions (mention_id UUID NOT NULL);

-- A mention's lemmas in one line, ' 배송 늦다 ': all words that count, each between spaces. The one
-- definition of it: of `heard.lemmas`, and of texts that trackers meet before anybody has read them.
CREATE MACRO lemma_line(terms) AS
    ' ' || coalesce(array_to_string([
        replace(t.lemma, ' ', '_') FOR t IN terms
        IF NOT regexp_matches(t.tag, '^(J.*|E.*|S[FPSEOWY])$')
    ], ' '), '') || ' ';
