-- Episodes of unusually many negative mentions of a product. What was raised stays raised.

CREATE TABLE alerts (
    alert_id VARCHAR NOT NULL, -- of the product and the hour in which it first showed
    product VARCHAR NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    window_end TIMESTAMPTZ NOT NULL,
    seen BIGINT NOT NULL, -- negative mentions in the window
    expected DOUBLE NOT NULL,
    low BIGINT NOT NULL, -- 95 % of ordinary windows have low to high of them
    high BIGINT NOT NULL,
    p_value DOUBLE NOT NULL, -- the smallest of the tests that showed it
    terms VARCHAR[] NOT NULL, -- what its mentions say more often than earlier ones
    first_mention UUID,
    share_of_copies DOUBLE, -- of its mentions, those nearly equal to another of them
    raised_at TIMESTAMPTZ NOT NULL
);

-- How many negative mentions each day had when it was last tested.
CREATE TABLE tested_days (day DATE NOT NULL, negative BIGINT NOT NULL);
