"""Counts rows slowly, with progress, log lines and every kind of summary that a page shows."""

import time

from operators.values import Report


def run(inputs, params, context):
    import pyarrow as pa

    rows = params["rows"]
    for number in range(rows):
        context.logger.info("counted %d", number)
        context.progress((number + 1) / rows, f"row {number}")
        time.sleep(params["pause"])
    table = pa.table({"number": list(range(rows)), "word": [f"<b>word {number % 3}</b>" for number in range(rows)]})
    chart = {
        "mark": "bar",
        "data": {"values": [{"x": 1, "y": 2}]},
        "encoding": {"x": {"field": "x"}, "y": {"field": "y"}},
    }
    report = Report("All counted").text("Counted **well**.").chart(chart, "Bars")
    return {"table": table, "report": report, "metrics": {"rows": rows}}
