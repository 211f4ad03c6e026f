"""The names of the report's files, below `results/<study>/report/`."""

SCORES = "scores.csv"
TABLE = "table.csv"
DIFFERENCES = "differences.csv"
TEXT = "table.txt"
HEATMAP_PNG = "heatmap.png"
HEATMAP_SVG = "heatmap.svg"
MANIFEST = "manifest.json"

TABLES = (SCORES, TABLE, DIFFERENCES, TEXT, HEATMAP_SVG)
REPORT_FILES = (SCORES, TABLE, DIFFERENCES, TEXT, HEATMAP_PNG, HEATMAP_SVG, MANIFEST)
