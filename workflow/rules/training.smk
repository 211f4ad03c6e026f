rule train_intermediate:
    """Train an encoder on an intermediate task, or on several, in one arm."""
    input:
        encoder=study.encoder_files,
        encoder_manifest=study.paths.encoder("encoder.json"),
        english=files_of(study.english),
        corpora=files_of(study.corpora),
        dev=files_of(study.english_dev),
        texts=files_of(study.replayed_texts),
    output:
        weights=study.kept(
            "intermediate", study.paths.intermediate("model.safetensors"), temp
        ),
        config=study.paths.intermediate("config.json"),
        training=study.paths.intermediate("training.json"),
    log:
        study.paths.log("train_intermediate", "encoder", "arm", "intermediate", "seed"),
    benchmark:
        study.paths.benchmark(
            "train_intermediate", "encoder", "arm", "intermediate", "seed"
        )
    conda:
        "../../envs/gpu.yaml"
    resources:
        gpu=1,
    params:
        key=study.key("train_intermediate"),
        record=study.record("train_intermediate"),
        partial=study.partial("train_intermediate"),
        encoder_key=study.encoder_key,
        english=study.english,
        corpora=study.corpora,
        dev=study.english_dev,
        texts=study.replayed_texts,
        tokens=study.paths.tokens,
        ahead=study.ahead("train_intermediate", asked_for),
    shell:
        r"""
        python -m polystilts.commands.train_intermediate \
            --encoder {input.encoder_manifest:q} \
            --encoder-key {params.encoder_key} \
            --english {params.english:q} \
            --corpora {params.corpora:q} \
            --dev {params.dev:q} \
            --texts {params.texts:q} \
            --manifest {output.training:q} \
            --partial {params.partial:q} \
            --tokens {params.tokens:q} \
            --processes {resources.gpu} \
            --ahead {params.ahead:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule fine_tune:
    """Fine-tune an encoder or an intermediate checkpoint on a target's English data."""
    input:
        start=study.start_files,
        tokenizer=study.paths.encoder("tokenizer.json"),
        rows=study.paths.task("{fine_tune}", "train"),
        dev=study.fine_tune_dev,
        manifest=study.paths.task_manifest("{fine_tune}"),
    output:
        weights=study.kept("target", study.paths.target("model.safetensors"), temp),
        config=study.paths.target("config.json"),
        training=study.paths.target("training.json"),
    log:
        study.paths.log(
            "fine_tune", "encoder", "arm", "intermediate", "fine_tune", "seed"
        ),
    benchmark:
        study.paths.benchmark(
            "fine_tune", "encoder", "arm", "intermediate", "fine_tune", "seed"
        )
    conda:
        "../../envs/gpu.yaml"
    resources:
        gpu=1,
    params:
        key=study.key("fine_tune"),
        record=study.record("fine_tune"),
        partial=study.partial("fine_tune"),
        start=study.start_manifest,
        start_key=study.start_key,
        tokens=study.paths.tokens,
        ahead=study.ahead("fine_tune", asked_for),
    shell:
        r"""
        python -m polystilts.commands.fine_tune \
            --start {params.start:q} \
            --start-key {params.start_key} \
            --tokenizer {input.tokenizer:q} \
            --english {input.rows:q} \
            --dev {input.dev:q} \
            --manifest {output.training:q} \
            --partial {params.partial:q} \
            --tokens {params.tokens:q} \
            --processes {resources.gpu} \
            --ahead {params.ahead:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
