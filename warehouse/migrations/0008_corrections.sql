-- What people say of texts: corrections that outrank the annotator, and samples that measure it.

CREATE TABLE corrections (
    mention_id UUID NOT NULL,
    text_hash UBIGINT, -- of the text it was given for; it holds for no other
    sentiment VARCHAR NOT NULL,
    corrected_by VARCHAR,
    corrected_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE samples (
    sample_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL, -- of the annotator whose verdicts it holds
    seed BIGINT NOT NULL,
    population BIGINT NOT NULL, -- mentions it stands for
    drawn_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE sample_items (
    sample_id VARCHAR NOT NULL,
    mention_id UUID NOT NULL,
    text_hash UBIGINT NOT NULL,
    source VARCHAR NOT NULL,
    lang VARCHAR NOT NULL,
    week DATE NOT NULL, -- its Monday
    predicted VARCHAR NOT NULL,
    probability DOUBLE NOT NULL -- of being drawn: what it is weighted by
);

CREATE TABLE sample_labels (
    labelled VARCHAR NOT NULL, -- sample_id|mention_id
    sample_id VARCHAR NOT NULL,
    mention_id UUID NOT NULL,
    label VARCHAR NOT NULL, -- negative, neutral, positive; unclear: a person cannot tell either
    labelled_by VARCHAR,
    labelled_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE heard ADD COLUMN corrected BOOLEAN DEFAULT false; -- the sentiment is a person's word
