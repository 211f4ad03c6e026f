rule build_lexicon:
    """Read a language's dictionaries through the ingestion gate into the normal form."""
    input:
        files=study.dictionary_sources("files"),
        manifests=study.dictionary_sources("manifests"),
    output:
        lexicon=study.paths.lexicon,
        sheet=study.paths.lexicon_sheet,
    log:
        study.paths.log("build_lexicon", "language"),
    benchmark:
        study.paths.benchmark("build_lexicon", "language")
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("build_lexicon"),
        record=study.record("build_lexicon"),
        sources=study.sources,
        lock=study.source_lock,
    shell:
        r"""
        python -m polystilts.commands.build_lexicon \
            --sources {params.sources:q} \
            --lock {params.lock:q} \
            --manifests {input.manifests:q} \
            --lexicon {output.lexicon:q} \
            --sheet {output.sheet:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
