import tinyvae as tv


def test_a_run_is_scored_over_its_whole_world():
    training = tv.TrainingConfig(steps=200, batch_size=32)
    network = tv.FullyConnected(hidden=(16, 8))
    settings = {"training": training, "network": network, "members": 1}
    run = tv.train(tv.Circles(8), tv.ELBO(), **settings)
    assert run.answer.measurement.axes.active.any()
    suite = tv.score(run)
    assert 0 <= suite["MIG"].value <= 1
    assert suite["share"].part_names == ("radius", "x", "y")
    assert "<td>MIG</td>" in suite._repr_html_()
    assert suite["share"].matrix is not None
    assert suite["share"].matrix.shape == run.answer.share.shape
