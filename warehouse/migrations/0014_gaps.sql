-- What follows from `coverage`, kept small: it has a row for every few minutes of every stream.

CREATE TABLE gap_pieces ( -- what is left of each gap
    source VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    gap_begin TIMESTAMPTZ NOT NULL,
    gap_end TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR,
    begin_at TIMESTAMPTZ NOT NULL,
    end_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE heard_until ( -- `since`: the begin of all that is known; `frontier`: null before it was heard
    source VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    frontier TIMESTAMPTZ
);
CREATE TABLE open_failures ( -- runs that have failed since the source, or its part, was last heard
    source VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    begin_at TIMESTAMPTZ NOT NULL,
    end_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR
);

-- The next load takes coverage in anew.
DELETE FROM loaded_batches WHERE record = 'coverage';
DELETE FROM coverage;
