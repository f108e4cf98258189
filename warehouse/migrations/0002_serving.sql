-- What the screens read: one narrow row a mention, and the roll-up by day. The queries in
-- warehouse/models/ fill both; these are only their columns.

CREATE TABLE state (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE heard (
    mention_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    product VARCHAR,
    author_id VARCHAR,
    author_handle VARCHAR,
    rating FLOAT,
    created_at TIMESTAMPTZ NOT NULL,
    day DATE NOT NULL, -- of created_at, in the configured zone
    text_hash UBIGINT NOT NULL,
    lang VARCHAR, -- as detected, or else as the source says
    sentiment VARCHAR NOT NULL, -- negative, neutral, positive, unknown; unread: not yet annotated
    score FLOAT,
    fingerprint UBIGINT,
    lemmas VARCHAR -- ' 배송 늦다 ': a word stands between spaces, so one scan finds it
);

CREATE TABLE daily (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    product VARCHAR,
    lang VARCHAR,
    n BIGINT NOT NULL,
    negative BIGINT NOT NULL,
    neutral BIGINT NOT NULL,
    positive BIGINT NOT NULL,
    unread BIGINT NOT NULL, -- not yet annotated, or of no known sentiment
    score_sum DOUBLE NOT NULL -- of score = p_positive - p_negative over the annotated
);
