rule collect_matrix:
    """Collect the scores of all cells into one table."""
    input:
        study.scores,
    output:
        study.paths.matrix,
    log:
        study.paths.log("collect_matrix"),
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("collect_matrix"),
        record=study.record("collect_matrix"),
        scores=study.scores_folder,
    shell:
        r"""
        python -m polystilts.commands.collect_matrix \
            --scores {params.scores:q} \
            --output {output:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """


rule write_report:
    """Write the study's tables and its heat-map."""
    input:
        study.paths.matrix,
    output:
        tables=[study.paths.report(name) for name in REPORT_TABLES],
        manifest=study.paths.report(REPORT_MANIFEST),
        heatmap=report(
            study.paths.report(HEATMAP_PNG),
            caption="../report/heatmap.rst",
            category="Matrix",
        ),
    log:
        study.paths.log("write_report"),
    conda:
        "../../envs/cpu.yaml"
    params:
        key=study.key("write_report"),
        record=study.record("write_report"),
    shell:
        r"""
        python -m polystilts.commands.write_report \
            --matrix {input:q} \
            --manifest {output.manifest:q} \
            --key {params.key} \
            --record {params.record:q} 2>{log:q}
        """
