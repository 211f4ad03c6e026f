rule collect_matrix:
    """Collect the scores of all cells into one table, and the trainings behind them."""
    input:
        scores=study.scores,
        trainings=study.trainings,
        sheets=study.checked_sheets,
    output:
        matrix=study.paths.matrix,
        trainings=study.paths.trainings,
        manifest=study.paths.matrix_manifest,
    log:
        study.paths.log("collect_matrix"),
    benchmark:
        study.paths.benchmark("collect_matrix")
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("collect_matrix"),
        record=study.record("collect_matrix"),
        results=study.results_folder,
        corpora=study.checked_keys,
    shell:
        r"""
        python -m polystilts.commands.collect_matrix \
            --results {params.results:q} \
            --output {output.matrix:q} \
            --trainings {output.trainings:q} \
            --corpora {params.corpora:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule write_report:
    """Write the study's tables and its heat-map."""
    input:
        matrix=study.paths.matrix,
        trainings=study.paths.trainings,
        manifest=study.paths.matrix_manifest,
    output:
        tables=[study.paths.report(name) for name in report_files.TABLES],
        manifest=study.paths.report(report_files.MANIFEST),
        heatmap=report(
            study.paths.report(report_files.HEATMAP_PNG),
            caption="../report/heatmap.rst",
            category="Matrix",
        ),
    log:
        study.paths.log("write_report"),
    benchmark:
        study.paths.benchmark("write_report")
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("write_report"),
        record=study.record("write_report"),
    shell:
        r"""
        python -m polystilts.commands.write_report \
            --matrix {input.matrix:q} \
            --trainings {input.trainings:q} \
            --manifest {output.manifest:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
