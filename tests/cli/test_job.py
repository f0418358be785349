"""`chemvae job`: how far a job is, and its shards as one table."""


def test_a_job_from_begin_to_end(main, refused, table, tmp_path, capsys):
    job, options = tmp_path / "job", ["--properties", "logp", "--shard-rows", "2"]
    assert main(["score", str(table), "-o", f"{job}/", *options]) == 0
    assert "3 rows in, 3 out" in capsys.readouterr().out
    assert main(["job", "status", str(job)]) == 0
    assert "2 of 2 shards done, 3 of 3 rows; 1 could not be scored" in capsys.readouterr().out
    (job / "shards" / "000001.json").unlink()
    assert "--resume" in refused("job", "merge", str(job), "-o", "out.csv")
    assert "1 of 2 shards done" in refused("score", str(table), "-o", str(job), *options)
    assert main(["score", str(table), "-o", str(job), *options, "--resume"]) == 0
    assert main(["job", "merge", str(job), "-o", str(tmp_path / "out.csv")]) == 0
    assert main(["score", str(table), "-o", str(tmp_path / "plain.csv"), "--properties", "logp"]) == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()
    assert "--overwrite" in refused("job", "merge", str(job), "-o", str(tmp_path / "out.csv"))


def test_there_is_no_job(refused, tmp_path):
    for command in (["status", str(tmp_path)], ["merge", str(tmp_path), "-o", "out.csv"]):
        assert "Expected a job" in refused("job", *command)
