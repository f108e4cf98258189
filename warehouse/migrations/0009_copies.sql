-- Who said it first, and which accounts post like machines; both follow from `heard`.

-- Mentions that nearly say what another said before them. `copy_of` is the earliest mention in the
-- window before it that is near; `first_id` is where following `copy_of` ends.
CREATE TABLE copies (
    mention_id UUID NOT NULL,
    copy_of UUID NOT NULL,
    first_id UUID NOT NULL,
    distance UTINYINT NOT NULL -- bits between the fingerprints of the mention and of the first
);

-- The mentions among which copies were looked for, as they were then.
CREATE TABLE compared (
    mention_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    fingerprint UBIGINT NOT NULL
);

-- Accounts with posts enough to be judged. Masked handles are many people and no account.
CREATE TABLE accounts_scored (
    source VARCHAR NOT NULL,
    author VARCHAR NOT NULL, -- author_id, or else the handle
    score FLOAT NOT NULL, -- 0..1: how much like a machine it posts
    reasons VARCHAR[] NOT NULL, -- copies, regular, sleepless, bursts, on_the_minute, links: strongest first
    mentions BIGINT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    products BIGINT NOT NULL,
    share_of_copies FLOAT NOT NULL,
    share_of_links FLOAT NOT NULL,
    interval_variation FLOAT, -- standard deviation by mean of the time between posts
    minute_entropy FLOAT, -- of the minutes of the hour, 1 where all are alike; null without times of day
    quiet_share FLOAT, -- of its posts, those in its quietest six hours of the day
    busiest_minutes BIGINT, -- most posts within ten minutes
    state UBIGINT NOT NULL -- of all that the score was made of
);
