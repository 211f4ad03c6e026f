"""The names of the report's files, below `results/<study>/report/`."""

SCORES = "scores.csv"
TABLE = "table.csv"
DIFFERENCES = "differences.csv"
SELECTIONS = "selections.csv"
TRAININGS = "trainings.csv"
TEXT = "table.txt"
HEATMAP_PNG = "heatmap.png"
HEATMAP_SVG = "heatmap.svg"
MANIFEST = "manifest.json"

TABLES = (SCORES, TABLE, DIFFERENCES, SELECTIONS, TRAININGS, TEXT, HEATMAP_SVG)
REPORT_FILES = (*TABLES[:-1], HEATMAP_PNG, HEATMAP_SVG, MANIFEST)
