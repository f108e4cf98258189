-- The two belts: what the community did (facts), and what it is to be told (findings).

-- How often each room has changed, and at which of these numbers each step last ran: a turn of the
-- loop with nothing new asks this table alone.
CREATE TABLE revisions (name VARCHAR PRIMARY KEY, stamp VARCHAR NOT NULL);

-- Tells this file from the one that a rebuild puts in its place: cursors of findings name it.
CREATE TABLE incarnation AS SELECT 'this file' AS name, uuid()::VARCHAR AS id;

-- Mentions that their source has taken away.
CREATE TABLE removals (
    source VARCHAR NOT NULL,
    native_id VARCHAR NOT NULL,
    removed_at TIMESTAMPTZ NOT NULL,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);

-- As written by the community; some bodies hold keyed hashes of contacts, hence this schema.
CREATE TABLE person.facts (
    sequence BIGINT PRIMARY KEY,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL, -- a JSON object
    happened_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE person.member_keys (
    member_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- email, phone: verified ones alone
    key VARCHAR NOT NULL
);

CREATE TABLE members (
    member_id VARCHAR NOT NULL, -- the public one
    language VARCHAR,
    joined_at TIMESTAMPTZ,
    left_at TIMESTAMPTZ
);

CREATE TABLE votes (idea VARCHAR NOT NULL, member_id VARCHAR NOT NULL, voted_at TIMESTAMPTZ NOT NULL);

CREATE TABLE idea_statuses (
    idea VARCHAR NOT NULL,
    status VARCHAR,
    before VARCHAR,
    reason VARCHAR,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE conversations (
    conversation VARCHAR NOT NULL,
    mention_id UUID, -- the one it was opened for
    opened_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ -- null while it is open
);

CREATE TABLE replies (
    mention_id UUID NOT NULL,
    conversation VARCHAR,
    replied_by VARCHAR,
    replied_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE thanks (mention_id UUID NOT NULL, member_id VARCHAR, thanked_at TIMESTAMPTZ NOT NULL);

CREATE TABLE alert_states (
    alert_id VARCHAR NOT NULL,
    acknowledged_by VARCHAR,
    acknowledged_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE match_decisions (
    author VARCHAR NOT NULL, -- source|author_id
    source VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL, -- confirm or deny: the last one
    sequence BIGINT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE findings (
    sequence BIGINT NOT NULL,
    finding_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL, -- a JSON object
    found_at TIMESTAMPTZ NOT NULL
);
