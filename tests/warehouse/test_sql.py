"""Staff may ask anything of the tables, and nothing of files, people or settings."""

from datetime import UTC, datetime

import pytest

from warehouse.errors import WarehouseError
from warehouse.sql import select

SECRET = "haneul@example.com"


@pytest.fixture(scope="module")
def stocked(new_house, row, tmp_path_factory):
    """One house for all: nothing here may change it."""
    house = new_house(tmp_path_factory.mktemp("stocked"))
    house.land([row(number) for number in range(30)])
    house.land(
        [{"customer_id": "c1", "name": "김하늘", "email": SECRET, "city": "부산"}],
        record="customers",
        source="crm",
    )
    house.load()
    yield house
    house.warehouse.close()


ALLOWED = [
    ("SELECT count(*) AS n FROM mentions", [{"n": 30}]),
    ("WITH a AS (SELECT sum(n)::INT AS n FROM daily) SELECT n FROM a", [{"n": 30}]),
    ("SELECT range AS i FROM range(2)", [{"i": 0}, {"i": 1}]),
    ("SELECT unnest([1, 2]) AS i", [{"i": 1}, {"i": 2}]),
    ("SELECT city FROM customers", [{"city": "부산"}]),
    ("SELECT n FROM (VALUES (1), (2)) AS v(n)", [{"n": 1}, {"n": 2}]),
    ("SELECT count(*) AS n FROM main.heard h JOIN mentions m USING (mention_id)", [{"n": 30}]),
    (
        "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 3) "
        "SELECT max(i) AS i FROM t",
        [{"i": 3}],
    ),
    ("SELECT [x + 1 FOR x IN [1, 2]] AS l; -- and a remark", [{"l": [2, 3]}]),
]

HOSTILE = [
    # people
    "SELECT * FROM person.customers",
    'SELECT * FROM "person"."customers"',
    "SELECT * FROM PERSON.Customers",
    "SELECT * FROM warehouse.person.customers",
    "FROM person.customers",
    "TABLE person.customers",
    "SELECT (SELECT max(email) FROM person.customers)",
    "SELECT * FROM daily WHERE EXISTS (SELECT 1 FROM person.customers WHERE email LIKE 'h%')",
    "SELECT * FROM daily ORDER BY (SELECT max(email) FROM person.customers)",
    "SELECT * FROM repeat((SELECT max(email) FROM person.customers), 1)",
    "WITH x AS (SELECT * FROM person.customers) FROM x",
    "SELECT 1 UNION ALL SELECT email FROM person.customers",
    "SELECT * FROM daily, LATERAL (SELECT * FROM person.customers)",
    "SUMMARIZE person.customers",
    "DESCRIBE person.customers",
    "SELECT * FROM (SUMMARIZE person.customers)",
    "SELECT * FROM query('SELECT * FROM person.customers')",
    "SELECT * FROM query_table('person.customers')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM person.customers'))",
    "SELECT * FROM duckdb_table_sample('person.customers')",
    "SELECT * FROM pragma_storage_info('person.customers')",
    "SELECT * FROM histogram_values('person.customers', email)",
    "PIVOT person.customers ON city USING count(*)",
    "USE person",
    # files
    "SELECT * FROM read_parquet('{customers}')",
    "SELECT * FROM parquet_scan(['{customers}'])",
    "SELECT * FROM '{customers}'",
    'FROM "{customers}"',
    'WITH "{customers}" AS (SELECT 1) SELECT * FROM "{customers}"',
    "SELECT * FROM (WITH \"{customers}\" AS (SELECT 1) SELECT 1), '{customers}'",
    "SELECT * FROM parquet_metadata('{customers}')",
    "SELECT * FROM parquet_bloom_probe('{customers}', 'email', 'x')",
    "SELECT * FROM read_blob('{customers}')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_json('x')",
    "SELECT * FROM read_duckdb('x')",
    "SELECT * FROM glob('{customers}')",
    "SELECT * FROM seq_scan('x')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM python_arrow_scan(1, 2, 3)",
    "COPY mentions TO '{jobs}/stolen.csv'",
    "COPY (SELECT 1) TO '{jobs}/stolen.csv'",
    "EXPORT DATABASE '{jobs}/stolen'",
    "IMPORT DATABASE '{jobs}'",
    "ATTACH '{jobs}/other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    # the session and the catalogue
    "SET threads = 1",
    "RESET threads",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SELECT getenv('HOME')",
    "SELECT current_setting('allowed_directories')",
    "SELECT getvariable('x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_columns()",
    "SELECT * FROM information_schema.columns",
    "SELECT * FROM system.information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM (WITH pg_class AS (SELECT 1) FROM pg_class), pg_class",
    "SHOW TABLES",
    "SELECT * FROM (SHOW ALL TABLES)",
    "SELECT pg_sleep(1)",
    "SELECT sleep_ms(1000)",
    "SELECT nextval('x')",
    # more than a question
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE mentions",
    "DELETE FROM mentions",
    "UPDATE mentions SET text = ''",
    "INSERT INTO mentions SELECT * FROM mentions",
    "MERGE INTO daily USING daily d ON true WHEN MATCHED THEN DELETE",
    "CREATE TABLE x AS SELECT 1",
    "DROP TABLE mentions",
    "TRUNCATE mentions",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "PREPARE x AS SELECT 1",
    "EXECUTE x",
    "EXPLAIN ANALYZE SELECT * FROM person.customers",
    "",
    "-- nothing",
]


@pytest.mark.parametrize(("query", "answer"), ALLOWED)
def test_a_question_is_answered(stocked, query, answer):
    assert select(stocked.warehouse, query).to_pylist() == answer


@pytest.mark.parametrize("query", HOSTILE)
def test_anything_else_is_refused_before_it_runs(stocked, query):
    (customers,) = (b.path for b in stocked.landing.batches("customers"))
    jobs = stocked.folder / "jobs"
    sql = query.replace("{customers}", str(customers)).replace("{jobs}", str(jobs))
    with pytest.raises(WarehouseError) as refused:
        select(stocked.warehouse, sql)
    assert refused.value.__cause__ is None, "DuckDB was asked"
    assert SECRET not in str(refused.value)
    assert list(jobs.iterdir()) == []


def test_describe_and_summarize_of_an_open_table_are_answered(stocked):
    named = select(stocked.warehouse, "DESCRIBE daily").column("column_name").to_pylist()
    assert named[:2] == ["day", "source"]
    assert select(stocked.warehouse, "SUMMARIZE daily").num_rows == len(named)


def test_the_answer_is_cut_at_the_limit(stocked):
    cut = select(stocked.warehouse, "SELECT * FROM range(100000) ORDER BY 1 DESC", limit=3)
    assert cut.column(0).to_pylist() == [99999, 99998, 99997]
    assert select(stocked.warehouse, "SELECT 1", limit=0).num_rows == 0


def test_a_question_that_takes_too_long_is_ended(stocked):
    with pytest.raises(WarehouseError, match=r"longer than 0\.2 seconds"):
        select(
            stocked.warehouse,
            "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
            seconds=0.2,
        )
    assert select(stocked.warehouse, "SELECT 1 AS x").to_pylist() == [{"x": 1}]


def test_an_error_tells_the_message_the_sql_and_a_hint(stocked):
    with pytest.raises(WarehouseError) as error:
        select(stocked.warehouse, "SELECT mood FROM mentions")
    told = str(error.value)
    assert '"mood"' in told and "SELECT mood FROM mentions" in told
    assert "SELECT * FROM mentions LIMIT 1" in told
    with pytest.raises(WarehouseError, match="syntax error"):
        select(stocked.warehouse, "SELEC 1")


def test_times_come_in_the_zone_of_the_house(stocked):
    (row,) = select(stocked.warehouse, "SELECT min(created_at) AS first FROM mentions").to_pylist()
    assert row["first"] == datetime(2026, 11, 1, 3, tzinfo=UTC)
