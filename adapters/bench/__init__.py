"""What the benchmarks of the platforms share: servers, load, a stage full of votes, and figures."""
