"""Names with a meaning of their own: of intermediates, tasks, mirrors and selections."""

NONE = "none"  # the baseline's arm and intermediate
ALL = "all"  # the intermediate that mixes the others
MLM = "mlm"
MINIATURE = "miniature"
PUBLISHED = "published"
PRETRAIN = "pretrain"
AT_ENGLISH_DEV = "at-english-dev"  # a selection of intermediate trainings alone
