-- When each source was listened to, and when not: `heard` alone cannot tell silence from deafness.

CREATE TABLE coverage (
    source VARCHAR NOT NULL,
    part VARCHAR NOT NULL, -- a feed, an account …; empty for the whole source
    state VARCHAR NOT NULL, -- collected, gap, failed
    begin_at TIMESTAMPTZ NOT NULL,
    end_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);
