-- One text for SQLite and PostgreSQL. Times are seconds since 1970, days are days since 1970, both UTC.
CREATE TABLE member_key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    models TEXT,
    requests_per_minute BIGINT,
    tokens_per_minute BIGINT,
    tokens_per_day BIGINT,
    concurrent_requests BIGINT,
    weight BIGINT NOT NULL
);

CREATE TABLE usage_day (
    key_id TEXT NOT NULL REFERENCES member_key (id),
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    PRIMARY KEY (key_id, day)
);

-- What a running request may come to use; it is exchanged for what it used.
CREATE TABLE reservation (
    id TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES member_key (id),
    day BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX reservation_of_key ON reservation (key_id, day);

-- Only ever added to.
CREATE TABLE contribution (
    id TEXT PRIMARY KEY,
    machine TEXT NOT NULL,
    owner TEXT NOT NULL,
    from_time BIGINT NOT NULL,
    to_time BIGINT NOT NULL,
    ready_seconds BIGINT NOT NULL,
    layer_tokens BIGINT NOT NULL,
    weight_bytes BIGINT NOT NULL
);
CREATE INDEX contribution_by_time ON contribution (to_time);
