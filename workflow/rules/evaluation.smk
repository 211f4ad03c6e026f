rule predict:
    """Predict a target in all its languages, dev and test, with its fine-tuned model."""
    input:
        model=study.fine_tuned_files,
        tokenizer=study.paths.encoder("tokenizer.json"),
        manifest=study.paths.task_manifest("{target}"),
    output:
        predictions=study.paths.predictions,
        manifest=study.paths.predictions_manifest,
    log:
        study.paths.log("predict", "encoder", "arm", "intermediate", "target", "seed"),
    benchmark:
        study.paths.benchmark(
            "predict", "encoder", "arm", "intermediate", "target", "seed"
        )
    wildcard_constraints:
        target=study.targets(trained=True),
    conda:
        "../../envs/gpu.yaml"
    resources:
        gpu=1,
    params:
        key=study.key("predict"),
        record=study.record("predict"),
        partial=study.partial("predict"),
        model=study.fine_tuned_manifest,
        model_key=study.fine_tuned_key,
        tokens=study.paths.tokens,
    shell:
        r"""
        python -m polystilts.commands.predict \
            --model {params.model:q} \
            --model-key {params.model_key} \
            --tokenizer {input.tokenizer:q} \
            --tokens {params.tokens:q} \
            --rows {input.manifest:q} \
            --output {output.predictions:q} \
            --partial {params.partial:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule predict_retrieval:
    """Retrieve a target's sentence pairs in all its languages with an encoder's own vectors."""
    input:
        start=study.start_files,
        tokenizer=study.paths.encoder("tokenizer.json"),
        manifest=study.paths.task_manifest("{target}"),
    output:
        predictions=study.paths.predictions,
        manifest=study.paths.predictions_manifest,
    log:
        study.paths.log("predict", "encoder", "arm", "intermediate", "target", "seed"),
    benchmark:
        study.paths.benchmark(
            "predict", "encoder", "arm", "intermediate", "target", "seed"
        )
    wildcard_constraints:
        target=study.targets(trained=False),
    conda:
        "../../envs/gpu.yaml"
    resources:
        gpu=1,
    params:
        key=study.key("predict"),
        record=study.record("predict"),
        partial=study.partial("predict"),
        start=study.start_manifest,
        start_key=study.start_key,
    shell:
        r"""
        python -m polystilts.commands.predict_retrieval \
            --start {params.start:q} \
            --start-key {params.start_key} \
            --tokenizer {input.tokenizer:q} \
            --rows {input.manifest:q} \
            --output {output.predictions:q} \
            --partial {params.partial:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule score:
    """Score a cell's predictions: per language, split, metric and semantics."""
    input:
        predictions=study.paths.predictions,
        manifest=study.paths.predictions_manifest,
    output:
        scores=study.paths.scores,
        manifest=study.paths.scores_manifest,
    log:
        study.paths.log("score", "encoder", "arm", "intermediate", "target", "seed"),
    benchmark:
        study.paths.benchmark(
            "score", "encoder", "arm", "intermediate", "target", "seed"
        )
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("score"),
        record=study.record("score"),
        partial=study.partial("score"),
    shell:
        r"""
        python -m polystilts.commands.score \
            --predictions {input.predictions:q} \
            --output {output.scores:q} \
            --partial {params.partial:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
