-- What people did on the company's own pages, as far as they agreed to be counted.

CREATE TABLE web_events (
    event_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- view, search, catalogue
    site VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    words VARCHAR,
    product VARCHAR,
    referrer VARCHAR,
    visitor_id VARCHAR NOT NULL,
    member_id VARCHAR,
    happened_at TIMESTAMPTZ NOT NULL,
    collected_at TIMESTAMPTZ NOT NULL,
    content_hash UBIGINT NOT NULL,
    batch_id VARCHAR NOT NULL
);
