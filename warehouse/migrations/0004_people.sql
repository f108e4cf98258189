-- Who is who. Contacts are compared as keyed hashes, which stand in the schema `person` alone.

CREATE TABLE person.identifiers (
    customer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- email, phone; none: a customer whose contacts have no usable form
    key VARCHAR NOT NULL,
    content_hash UBIGINT NOT NULL -- of the customer it was made of
);

CREATE TABLE identities (
    source VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    probability DOUBLE NOT NULL,
    reason VARCHAR NOT NULL -- email, phone, email and phone, confirmed
);
