if study.is_miniature:

    rule write_miniature:
        """Write the synthetic world as a mirror of the published files."""
        output:
            files=world_files(study),
            manifest=study.paths.world_manifest(study.study.world),
        log:
            study.paths.log("write_miniature"),
        benchmark:
            study.paths.benchmark("write_miniature")
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        params:
            key=study.key("write_miniature"),
            record=study.record("write_miniature"),
        shell:
            r"""
            python -m polystilts.commands.write_miniature \
                --manifest {output.manifest:q} \
                --key {params.key} \
                --record {params.record:q} 2>{log:q}
            """


if study.fetches:

    rule fetch_source:
        """Copy or download one published file from its mirror or its origin."""
        output:
            file=study.paths.source("{world}", "{file}"),
            manifest=study.paths.source_manifest("{world}", "{file}"),
        log:
            study.paths.log("fetch_source", "world", "file"),
        benchmark:
            study.paths.benchmark("fetch_source", "world", "file")
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        params:
            key=study.key("fetch_source"),
            record=study.record("fetch_source"),
            sources=study.fetched_folder,
            lock=study.source_lock,
        shell:
            r"""
            python -m polystilts.commands.fetch_source \
                --sources {params.sources:q} \
                --lock {params.lock:q} \
                --manifest {output.manifest:q} \
                --key {params.key} \
                --record {params.record:q} 2>{log:q}
            """


rule sources:
    """Fetch everything that the study reads, for machines without a network."""
    input:
        study.fetched,
    localrule: True
