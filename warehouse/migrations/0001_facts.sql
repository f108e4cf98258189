-- What follows from the landing zone: the facts themselves, and what is known about their batches.
-- No index on `mentions`: keeping one on millions of random ids costs more than the joins it saves.

CREATE TABLE loaded_batches (
    batch_id VARCHAR PRIMARY KEY,
    record VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    sequence BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    landed_at TIMESTAMPTZ NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE mentions (
    mention_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    native_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    url VARCHAR,
    thread_id VARCHAR,
    parent_id VARCHAR,
    author_id VARCHAR,
    author_handle VARCHAR,
    author_name VARCHAR,
    author_followers BIGINT,
    title VARCHAR,
    text VARCHAR NOT NULL,
    lang VARCHAR,
    rating FLOAT,
    rating_raw VARCHAR,
    product VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    collected_at TIMESTAMPTZ NOT NULL,
    likes BIGINT,
    replies BIGINT,
    shares BIGINT,
    views BIGINT,
    country VARCHAR,
    city VARCHAR,
    extra VARCHAR,
    text_hash UBIGINT NOT NULL, -- of title and text: an annotation holds for this text alone
    content_hash UBIGINT NOT NULL, -- of all but collected_at: has the mention changed?
    batch_id VARCHAR NOT NULL -- the batch this state of the mention came with
);

CREATE TABLE annotations (
    mention_id UUID NOT NULL,
    version VARCHAR NOT NULL,
    text_hash UBIGINT NOT NULL,
    lang VARCHAR,
    p_negative FLOAT,
    p_neutral FLOAT,
    p_positive FLOAT,
    sentiment VARCHAR NOT NULL,
    score FLOAT,
    fingerprint UBIGINT,
    terms STRUCT(lemma VARCHAR, tag VARCHAR)[]
);

CREATE TABLE quarantined (
    record VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    row BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    excerpt VARCHAR,
    rejected_at TIMESTAMPTZ NOT NULL,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);

CREATE TABLE orders (
    order_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    product VARCHAR,
    quantity BIGINT,
    amount BIGINT NOT NULL, -- minor units of `currency`
    currency VARCHAR NOT NULL,
    channel VARCHAR,
    ordered_at TIMESTAMPTZ NOT NULL,
    extra VARCHAR,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);

CREATE TABLE interactions (
    interaction_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    product VARCHAR,
    note VARCHAR,
    happened_at TIMESTAMPTZ NOT NULL,
    extra VARCHAR,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);

-- Names and contacts stand here alone; `madang sql`, exports and charts do not see this schema.
CREATE SCHEMA person;

CREATE TABLE person.customers (
    customer_id VARCHAR NOT NULL,
    name VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    address VARCHAR,
    city VARCHAR,
    country VARCHAR,
    birth_date DATE,
    gender VARCHAR,
    joined_at TIMESTAMPTZ,
    extra VARCHAR,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);

CREATE VIEW customers AS
SELECT customer_id, city, country, gender, joined_at FROM person.customers;
