for task in study.tasks:

    rule:
        name:
            f"prepare_{task}"
        input:
            **study.task_sources(task),
        output:
            files=study.task_files(task),
            manifest=study.paths.task_manifest(task),
        log:
            study.paths.log(f"prepare_{task}"),
        benchmark:
            study.paths.benchmark(f"prepare_{task}")
        # first: a training's job fine-tunes and predicts ahead where it finds the data
        priority: 1
        conda:
            "../../envs/cpu.yaml"
        params:
            key=study.key("prepare_task", task=task),
            record=study.record("prepare_task", task=task),
            sources=study.task_folder(task),
            lock=study.source_lock,
        shell:
            r"""
            python -m polystilts.commands.prepare_task \
                --sources {params.sources:q} \
                --lock {params.lock:q} \
                --manifests {input.manifests:q} \
                --manifest {output.manifest:q} \
                --key {params.key} \
                --record {params.record:q} 2>{log:q}
            """


rule code_switch:
    """Replace English words of a task's training data through the dictionaries."""
    input:
        rows=study.paths.task("{task}", "train"),
        manifest=study.paths.task_manifest("{task}"),
        lexicons=study.lexicons,
    output:
        corpus=study.paths.corpus,
        sheet=study.paths.corpus_sheet,
    log:
        study.paths.log("code_switch", "variant", "task"),
    benchmark:
        study.paths.benchmark("code_switch", "variant", "task")
    wildcard_constraints:
        variant=study.variants("code_switch"),
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("code_switch"),
        record=study.record("code_switch"),
    shell:
        r"""
        python -m polystilts.commands.code_switch \
            --rows {input.rows:q} \
            --lexicons {input.lexicons:q} \
            --corpus {output.corpus:q} \
            --sheet {output.sheet:q} \
            --workers {threads} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule translate:
    """Put translations in place of examples of a task's training data."""
    input:
        rows=study.paths.task("{task}", "train"),
        manifest=study.paths.task_manifest("{task}"),
        translations=files_of(study.translations.rows),
        aligned_with=files_of(study.translations.english),
        manifests=study.translations.manifests,
    output:
        corpus=study.paths.corpus,
        sheet=study.paths.corpus_sheet,
    log:
        study.paths.log("translate", "variant", "task"),
    benchmark:
        study.paths.benchmark("translate", "variant", "task")
    wildcard_constraints:
        variant=study.variants("translate"),
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("translate"),
        record=study.record("translate"),
        translations=study.translations.rows,
        aligned_with=study.translations.english,
    shell:
        r"""
        python -m polystilts.commands.translate \
            --rows {input.rows:q} \
            --translations {params.translations:q} \
            --aligned-with {params.aligned_with:q} \
            --manifests {input.manifests:q} \
            --corpus {output.corpus:q} \
            --sheet {output.sheet:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule corpus_page:
    """Write the data sheet of a corpus as a page to read."""
    input:
        corpus=study.paths.corpus,
        sheet=study.paths.corpus_sheet,
    output:
        page=study.paths.corpus_page,
        manifest=study.paths.corpus_page_manifest,
    log:
        study.paths.log("corpus_page", "variant", "task"),
    benchmark:
        study.paths.benchmark("corpus_page", "variant", "task")
    wildcard_constraints:
        variant=study.variants("code_switch"),
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("corpus_page"),
        record=study.record("corpus_page"),
    shell:
        r"""
        python -m polystilts.commands.corpus_page \
            --sheet {input.sheet:q} \
            --page {output.page:q} \
            --manifest {output.manifest:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
