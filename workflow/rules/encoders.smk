rule fetch_encoder:
    """Fetch a pretrained encoder as a Hugging Face folder."""
    output:
        weights=study.paths.fetched_encoder("model.safetensors"),
        config=study.paths.fetched_encoder("config.json"),
        tokenizer=study.paths.fetched_encoder("tokenizer.json"),
        manifest=study.paths.fetched_encoder("encoder.json"),
    log:
        study.paths.log("fetch_encoder", "encoder"),
    benchmark:
        study.paths.benchmark("fetch_encoder", "encoder")
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("fetch_encoder"),
        record=study.record("fetch_encoder"),
    shell:
        r"""
        python -m polystilts.commands.fetch_encoder \
            --manifest {output.manifest:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


if study.pretrains:

    rule pretrain_encoder:
        """Pretrain the study's own encoder by masked language modelling."""
        input:
            texts=study.masked_texts().values(),
        output:
            weights=study.paths.encoder("model.safetensors"),
            config=study.paths.encoder("config.json"),
            tokenizer=study.paths.encoder("tokenizer.json"),
            manifest=study.paths.encoder("encoder.json"),
        log:
            study.paths.log("pretrain_encoder", "encoder"),
        benchmark:
            study.paths.benchmark("pretrain_encoder", "encoder")
        conda:
            "../../envs/cpu.yaml"
        params:
            key=study.key("pretrain_encoder"),
            record=study.record("pretrain_encoder"),
            partial=study.partial("pretrain_encoder"),
            texts=[f"{name}={path}" for name, path in study.masked_texts().items()],
            tokens=study.paths.tokens,
            ahead=study.ahead("pretrain_encoder", asked_for),
        shell:
            r"""
            python -m polystilts.commands.pretrain_encoder \
                --texts {params.texts:q} \
                --manifest {output.manifest:q} \
                --tokens {params.tokens:q} \
                --ahead {params.ahead:q} \
                --partial {params.partial:q} \
                --key {params.key} \
                --record {params.record:q} 2>{log:q}
            """

else:

    rule prepare_encoder:
        """Cut a fetched encoder to the layers and vocabulary that the study uses."""
        input:
            weights=study.paths.fetched_encoder("model.safetensors"),
            config=study.paths.fetched_encoder("config.json"),
            tokenizer=study.paths.fetched_encoder("tokenizer.json"),
            manifest=study.paths.fetched_encoder("encoder.json"),
            texts=study.trimming_texts,
        output:
            weights=study.paths.encoder("model.safetensors"),
            config=study.paths.encoder("config.json"),
            tokenizer=study.paths.encoder("tokenizer.json"),
            manifest=study.paths.encoder("encoder.json"),
        log:
            study.paths.log("prepare_encoder", "encoder"),
        benchmark:
            study.paths.benchmark("prepare_encoder", "encoder")
        conda:
            "../../envs/cpu.yaml"
        params:
            key=study.key("prepare_encoder"),
            record=study.record("prepare_encoder"),
        shell:
            r"""
            python -m polystilts.commands.prepare_encoder \
                --fetched {input.manifest:q} \
                --texts {input.texts:q} \
                --manifest {output.manifest:q} \
                --key {params.key} \
                --record {params.record:q} 2>{log:q}
            """
