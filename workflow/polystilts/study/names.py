"""Names with a meaning of their own: of intermediates, tasks and mirrors."""

NONE = "none"  # the baseline's arm and intermediate
ALL = "all"  # the intermediate that mixes the others
MLM = "mlm"
MINIATURE = "miniature"
PUBLISHED = "published"
PRETRAIN = "pretrain"
