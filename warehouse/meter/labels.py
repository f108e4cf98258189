"""Texts beside what people said of them: to be labelled, and to learn from."""

from collections.abc import Sequence

import pyarrow as pa

from warehouse import ask
from warehouse.store import Warehouse


def texts_of(warehouse: Warehouse, items: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Title and text of the mentions given as (mention_id, text_hash), by mention; those that have
    gone, or whose text is another by now, are left out."""
    asked = pa.table(
        {
            "mention_id": pa.array([item[0] for item in items], pa.string()),
            "text_hash": pa.array([item[1] for item in items], pa.string()),
        }
    )
    with warehouse.reading() as cursor:
        cursor.register("asked", asked)
        found = ask.table(
            cursor,
            f"""
            SELECT m.mention_id::VARCHAR AS mention_id, {_WHOLE} AS text
            FROM mentions m
            JOIN asked ON m.mention_id = asked.mention_id::UUID
                AND m.text_hash = asked.text_hash::UBIGINT
            """,
        )
    return {str(row["mention_id"]): str(row["text"]) for row in found.to_pylist()}


def labelled_texts(warehouse: Warehouse) -> pa.Table:
    """Every text that a person has judged as it stands, the newest judgement first.

    Columns: text (with its title), label, lang, source, by_chance (it was drawn, not chosen),
    weight (1 / probability of being drawn; 1 for a correction). Who judged it is not told. A
    mention both drawn and corrected stands here once, as drawn; what is unclear does not.
    """
    with warehouse.reading() as cursor:
        return ask.table(cursor, _LABELLED)


_WHOLE = "coalesce(m.title || chr(10), '') || m.text"
_LABELLED = f"""
    WITH judged AS (
        SELECT mention_id, i.text_hash, label, true AS by_chance, 1 / i.probability AS weight,
            labelled_at AS judged_at
        FROM sample_labels l JOIN sample_items i USING (sample_id, mention_id)
        WHERE label <> 'unclear'
        UNION ALL
        SELECT mention_id, text_hash, sentiment, false, 1.0, corrected_at FROM corrections
    )
    SELECT {_WHOLE} AS text, j.label, coalesce(h.lang, 'und') AS lang, m.source, j.by_chance,
        j.weight
    FROM judged j
    JOIN mentions m ON m.mention_id = j.mention_id AND m.text_hash = j.text_hash
    JOIN heard h ON h.mention_id = j.mention_id
    QUALIFY row_number() OVER (
        PARTITION BY j.mention_id ORDER BY j.by_chance DESC, j.judged_at DESC
    ) = 1
    ORDER BY j.judged_at DESC, m.mention_id
"""
