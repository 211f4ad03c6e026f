"""The columns of a lexicon, which `normal_form.table_of` describes."""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), False),
        pa.field("language", pa.string(), False),
        pa.field("target", pa.string(), False),
        pa.field("rank", pa.int32(), False),
        pa.field("agreement", pa.int32(), False),
        pa.field("pos", pa.string(), True),
        pa.field("source_words", pa.int32(), False),
        pa.field("target_words", pa.int32(), False),
        pa.field("dictionary", pa.string(), False),
    ]
)
