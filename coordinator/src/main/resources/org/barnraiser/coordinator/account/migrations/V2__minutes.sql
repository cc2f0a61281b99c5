-- What keys have left of their limits of the minute, where several coordinators share the database.
CREATE TABLE minute_level (
    key_id TEXT PRIMARY KEY REFERENCES member_key (id),
    requests DOUBLE PRECISION NOT NULL,
    tokens DOUBLE PRECISION NOT NULL,
    as_of_nanos BIGINT NOT NULL
);
