#!/usr/bin/env python3
"""Adds up an exported ledger with another tool and compares with the hub's figures, to the yen.

    ledger_check.py LEDGER.csv FIGURES.json

LEDGER.csv is what `bondhub balance export` wrote. FIGURES.json is a list of {"by", "as_of", "known_on", "rows"}: what the hub
answered. Uses DuckDB where it is installed, else SQLite, which every Python has; neither shares code with the hub.
"""
import csv
import json
import sys

COLUMNS = {"total": "''", "issuer": "issuer", "contractor": "holder", "owner": "owner"}


def open_ledger(path):
    """A query function over the ledger."""
    try:
        import duckdb

        connection = duckdb.connect()
        connection.execute("CREATE TABLE ledger AS SELECT * FROM read_csv(?, all_varchar = true)", [path])
        return "DuckDB", lambda sql, values: connection.execute(sql, values).fetchall()
    except ImportError:
        import sqlite3

        connection = sqlite3.connect(":memory:")
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            head = next(rows)
            connection.execute("CREATE TABLE ledger (%s)" % ", ".join('"%s" TEXT' % name for name in head))
            marks = ", ".join("?" * len(head))
            connection.executemany("INSERT INTO ledger VALUES (%s)" % marks, rows)
        return "SQLite", lambda sql, values: connection.execute(sql, values).fetchall()


def added_up(query, figure):
    """The figure, from the movements."""
    sql = (
        "SELECT %s AS name, currency, SUM(CAST(delta AS BIGINT)) FROM ledger "
        "WHERE effective <= ? AND recorded <= ? GROUP BY 1, 2 HAVING SUM(CAST(delta AS BIGINT)) <> 0"
    ) % COLUMNS[figure["by"]]
    rows = query(sql, [figure["as_of"], figure["known_on"] or "9999-12-31"])
    return {(name or "", currency): int(amount) for name, currency, amount in rows}


def main(ledger, figures):
    tool, query = open_ledger(ledger)
    with open(figures, encoding="utf-8") as file:
        asked = json.load(file)
    wrong = 0
    for figure in asked:
        told = {
            ("" if row["of"] == "total" else row["of"], row["currency"]): row["amount"] for row in figure["rows"]
        }
        meant = added_up(query, figure)
        if told != meant:
            wrong += 1
            print("%(by)s as of %(as_of)s, known on %(known_on)s:" % figure, "hub", told, tool, meant)
    print("%s agrees with %d of %d figures" % (tool, len(asked) - wrong, len(asked)))
    return 1 if wrong or not asked else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
