"""Names with a meaning of their own: intermediates, tasks, mirrors, treatments, selections."""

NONE = "none"  # the baseline's arm and intermediate
ALL = "all"  # the intermediate that mixes the others
MLM = "mlm"
MINIATURE = "miniature"
PUBLISHED = "published"
PRETRAIN = "pretrain"
CODE_SWITCHED = "code-switched"
TRANSLATED = "translated"
MLM_ONLY = "code-switched-mlm-only"
AT_ENGLISH_DEV = "at-english-dev"  # a selection of intermediate trainings alone
