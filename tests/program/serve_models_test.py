"""The extension model_repository: index, load and unload of models, and routes of versions, as clients ask for them."""
import concurrent.futures
import json
import threading
import time
import unittest

from program import WAIT_S, ProgramTest, Server, ServerTest, request_bytes, write_fake

LOAD, UNLOAD, INDEX = "/v2/repository/models/{}/load", "/v2/repository/models/{}/unload", "/v2/repository/index"
REQUEST = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}


def script(added, more=""):
    return f"input x FP32 -1,2\noutput y FP32 -1,2\nop add {added}\n{more}"


def line(name, state="READY", reason="", version="1"):
    return {"name": name, **({"version": version} if version else {}), "state": state, "reason": reason}


class Asking:
    """What tests ask, of a server that may be theirs or shared."""

    def post(self, server, target, value=None):
        return server.ask("POST", target, b"" if value is None else json.dumps(value).encode())

    def must(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def added(self, server, model="m", version=None):
        """What the model adds; None if it is not served."""
        answer = server.infer(model, REQUEST, version=version)
        if answer.status == 404:
            return None
        return self.must(answer)["outputs"][0]["data"][0] - 1

    def index(self, server, **question):
        return self.must(self.post(server, INDEX, question or None))

    def until(self, wanted, ask):
        end = time.monotonic() + WAIT_S
        while (got := ask()) != wanted:
            self.assertLess(time.monotonic(), end, f"still {got}, not {wanted}")
            time.sleep(0.005)


class Forbidden(Asking, ServerTest):
    """As it is unless somebody asks for more."""

    @classmethod
    def start(cls, directory):
        write_fake(directory, "m", script(1))
        return Server(directory)

    def test_nothing_changes_and_the_flag_is_named(self):
        for target in (LOAD.format("m"), UNLOAD.format("m"), "/v2/models/m/route", LOAD.format("none"), UNLOAD.format("..")):
            for body in (None, {}, {"weights": {"1": 1}}, {"parameters": {"config": "{}"}}, 7):
                self.assert_error(self.post(self.server, target, body), 503, "--model-control-mode explicit")
        self.assertEqual(self.added(self.server), 1)
        self.assertNotIn("model_repository", self.server.ask("GET", "/v2").json()["extensions"])

    def test_what_only_asks_works(self):
        self.assertEqual(self.index(self.server), [line("m")])
        self.assertEqual(self.index(self.server, ready=True), [line("m")])
        self.assertEqual(self.must(self.server.ask("GET", "/v2/models/m/route")), {"weights": {}, "shadow": {}, "tolerance": 0.0001})
        self.assert_error(self.server.ask("GET", "/v2/models/n/route"), 404, "'n'")
        self.assert_error(self.post(self.server, "/v2/repository/main/index"), 501, "'main'")
        self.assert_error(self.server.ask("GET", INDEX), 405)


class Allowed(Asking, ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "m", script(1))
        write_fake(directory, "n", script(2))
        return Server(directory, "--model-control-mode", "explicit", "--watch-ms", 0)

    def tearDown(self):
        super().tearDown()
        self.assertEqual((self.added(self.server, "m"), self.added(self.server, "n")), (1, 2))

    def test_extensions(self):
        extensions = self.server.ask("GET", "/v2").json()["extensions"]
        self.assertEqual(extensions, ["binary_tensor_data", "classification", "model_configuration", "schedule_policy", "statistics",
                                      "model_repository", "model_repository(unload_dependents)"])

    def test_a_model_goes_and_comes_back(self):
        for body in (None, {}, {"parameters": {}}, {"parameters": {"unload_dependents": True}}, {"other": [1]}):
            self.assertEqual(self.must(self.post(self.server, UNLOAD.format("m"), body)), {})
            self.assertIsNone(self.added(self.server, "m"))
            self.assertEqual(self.added(self.server, "n"), 2)
            self.assertEqual(self.server.ask("GET", "/v2/models/m/ready").status, 400)
            self.assertEqual(self.server.ask("GET", "/v2/health/ready").status, 200)
            self.until([line("m", "UNAVAILABLE", "unloaded"), line("n")], lambda: self.index(self.server))
            self.assertEqual(self.index(self.server, ready=True), [line("n")])
            self.must(self.post(self.server, UNLOAD.format("m")))  # again
            self.assertEqual(self.must(self.post(self.server, LOAD.format("m"), {"parameters": {}})), {})
            self.assertEqual(self.added(self.server, "m"), 1)

    def test_files_and_configurations_are_never_taken(self):
        for name in ("config", "file:1/model.onnx", "file:../x", "file:/etc/passwd", "file:a/../../b", "file:..%2fx", "file:",
                     "file:\n", "file:" + 400 * "x"):
            for value in ("{}", 1, True, {"a": 1}, "Zm9v"):
                answer = self.post(self.server, LOAD.format("m"), {"parameters": {name: value}})
                self.assert_error(answer, 400, "never from a request")
        self.assert_error(self.post(self.server, LOAD.format("m"), {"parameters": {"other": 1}}), 400, "no parameter 'other'")
        self.assert_error(self.post(self.server, UNLOAD.format("m"), {"parameters": {"config": ""}}), 400, "'config'")
        self.assert_error(self.post(self.server, UNLOAD.format("m"), {"parameters": {"unload_dependents": "yes"}}), 400, "true or")

    def test_names(self):
        for name, shown in ((";id", ";id"), ("$(id)", "$(id)"), ("%20m", " m"), ("m%20", "m "), ("%C3%A4", "ä"), ("stats", "stats"),
                            ("%252f", "%2f"), ("M", "M")):
            for target in (LOAD, UNLOAD, "/v2/models/{}/route"):
                answer = self.post(self.server, target.format(name), {})
                self.assert_error(answer, 404, f"no model '{shown}' is ")
        for name in ("..", ".", "%2e%2e", "%2f", "..%2f..%2fetc", "a%0Ab", "%00", "m%00", "%ff", 3000 * "n"):
            for target in (LOAD, UNLOAD, "/v2/models/{}/route"):
                answer = self.post(self.server, target.format(name), {})
                self.assert_error(answer, 400, "must be 1 to 512 bytes of UTF-8")
                self.assertLess(len(answer.body), 500)

    def test_bodies_that_are_no_question(self):
        deep = 250_000 * b"["
        for target in (INDEX, LOAD.format("m"), UNLOAD.format("m"), "/v2/models/m/route"):
            for body in (b"[]", b"{", b"7", b"{}{}", b"\xff", deep, b'{"a":' + deep, b'{"parameters":' + deep,
                         b'{"a":' + deep + 250_000 * b"]" + b"}", b'{"a":1,"a":2}', 250_000 * b'{"a":'):
                self.assert_error(self.server.ask("POST", target, body), 400)
        self.assert_error(self.post(self.server, INDEX, {"ready": 1}), 400, "'ready' is 1; it must be true or false")


class Routes(Asking, ServerTest):
    @classmethod
    def start(cls, directory):
        for version in (1, 2, 3):
            (directory / "m" / str(version)).mkdir(parents=True)
            (directory / "m" / str(version) / "m.fake").write_text(script(version), encoding="utf-8")
        (directory / "models.yaml").write_text("schema: 1\nmodel_control: explicit\nmodels: [{path: m, versions: all}]\n",
                                               encoding="utf-8")
        return Server(directory / "models.yaml")

    def route(self, value):
        return self.post(self.server, "/v2/models/m/route", value)

    def test_a_route_is_set_and_told(self):
        for route in ({"weights": {"1": 1}, "shadow": {}, "tolerance": 0.0001}, {"weights": {}, "shadow": {}, "tolerance": 0.0001},
                      {"weights": {"1": 90, "2": 10}, "shadow": {"3": 5}, "tolerance": 0.5}):
            self.assertEqual(self.must(self.route(route)), route)
            self.assertEqual(self.must(self.server.ask("GET", "/v2/models/m/route")), route)
        got = [self.added(self.server) for _ in range(100)]
        self.assertAlmostEqual(got.count(1), 90, delta=2)
        self.assertEqual(got.count(1) + got.count(2), 100)
        self.must(self.route({}))
        self.assertEqual(self.added(self.server), 3)
        self.must(self.route({"weights": {"2": 1}}))
        self.assertEqual({self.added(self.server) for _ in range(10)}, {2})

    def test_a_wrong_route_changes_nothing(self):
        self.must(self.route({"weights": {"1": 1}}))
        for value, *parts in (({"weights": {"4": 1}}, "names version 4; there is 1, 2, 3"), ({"weights": {"1": -1}}, "'1' is -1"),
                              ({"weights": {"1": 2**31}}, "from 0 to 1000000"), ({"weights": {"1": 0}}, "all weights are 0"),
                              ({"weights": {"01": 1}}, "'01' is no version"), ({"weights": {"x": 1}}, "'x' is no version"),
                              ({"weights": {"1": 1.5}}, "an integer"), ({"weights": {"1": "1"}}, "an integer"),
                              ({"weights": [1]}, "'weights' is an array"), ({"shadow": {"1": 101}}, "from 1 to 100"),
                              ({"shadow": {"9": 1}}, "names version 9"), ({"weigths": {"1": 1}}, "no 'weigths'"),
                              ({"tolerance": -1}, "a number from 0 on"), ({"tolerance": 1e300}, "a number from 0 on"),
                              ({"tolerance": "0"}, "a number from 0 on"), (None, "a JSON object is needed"),
                              ({"weights": {str(n): 1 for n in range(1, 300)}}, "more than 256 versions", "route_versions_max")):
            self.assert_error(self.route(value), 400, *parts)
        self.assertEqual({self.added(self.server) for _ in range(4)}, {1})


class Changing(Asking, ProgramTest):
    def explicit(self, *arguments, **options):
        return self.serve(*arguments, "--model-control-mode", "explicit", **options)

    def test_what_is_unloaded_stays_out_while_files_are_watched(self):
        self.path("m/m.fake", script(1))
        self.path("n/n.fake", script(1))
        server = self.explicit(self.directory, "--watch-ms", 5)
        self.must(self.post(server, UNLOAD.format("m")))
        self.path("m/m.fake", script(20))
        self.path("n/n.fake", script(20))
        self.until(20, lambda: self.added(server, "n"))  # the watcher has taken it over
        self.assertIsNone(self.added(server, "m"))
        self.must(self.post(server, LOAD.format("m")))
        self.assertEqual(self.added(server, "m"), 20)
        self.path("m/m.fake", script(300))
        self.until(300, lambda: self.added(server, "m"))

    def test_load_reads_anew_without_a_watcher(self):
        self.path("m/m.fake", script(1))
        self.path("new/new.fake", script(7))
        config = self.path("models.yaml", "schema: 1\nmodel_control: explicit\nwatch_ms: 0\nmodels: [{path: m}]\n")
        server = self.serve(config)
        self.path("m/m.fake", script(20))
        self.assertEqual(self.added(server), 1)
        self.must(self.post(server, LOAD.format("m")))
        self.assertEqual(self.added(server), 20)
        self.path("models.yaml", "schema: 1\nmodel_control: explicit\nwatch_ms: 0\nmodels: [{path: m}, {path: new}]\n")
        self.must(self.post(server, LOAD.format("new")))
        self.assertEqual((self.added(server), self.added(server, "new")), (20, 7))

    def test_a_failed_load_names_no_path_and_changes_nothing(self):
        self.path("m/m.fake", script(1))
        server = self.explicit(self.directory, "--watch-ms", 0)
        self.path("m/m.fake", "input x\n")
        answer = self.post(server, LOAD.format("m"))
        self.assertEqual((answer.status, answer.error()),
                         (400, "loading 'm' failed (INVALID_ARGUMENT); the server's log says why"))
        self.assertIn(f"model 'm' was not loaded: ", server.error_text())
        self.assertIn(str(self.directory), server.error_text())
        self.assertEqual(self.added(server), 1)
        self.must(self.post(server, UNLOAD.format("m")))
        self.post(server, LOAD.format("m"))
        reason = "unloaded; failed to load (INVALID_ARGUMENT)"
        self.until([line("m", "UNAVAILABLE", reason)], lambda: self.index(server))

    def test_others_are_answered_while_a_model_loads(self):
        self.path("slow/slow.fake", script(1, "load_delay_us 700000\n"))
        self.path("m/m.fake", script(2))
        server = self.explicit(self.directory, "--watch-ms", 0)  # one thread reads and writes HTTP
        self.must(self.post(server, UNLOAD.format("slow")))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            loaded = pool.submit(self.post, server, LOAD.format("slow"))
            self.until(line("slow", "LOADING", version=None), lambda: self.index(server)[-1])
            self.assertEqual(self.added(server, "m"), 2)
            self.assertFalse(loaded.done())
            self.must(loaded.result(WAIT_S))
        self.assertEqual(self.added(server, "slow"), 1)

    def test_a_server_that_ends_while_a_model_loads(self):
        self.path("slow/slow.fake", script(1, "load_delay_us 300000\n"))
        server = self.explicit(self.directory, "--watch-ms", 0, limits=["drain_timeout_ms=0"])
        self.must(self.post(server, UNLOAD.format("slow")))
        with server.connect() as connection:
            connection.send(request_bytes("POST", LOAD.format("slow")))
            self.until(line("slow", "LOADING", version=None), lambda: self.index(server)[-1])
            server.stop()

    def test_requests_while_a_model_comes_and_goes(self):
        self.path("m/m.fake", script(1))
        self.path("n/n.fake", script(2))
        server = self.explicit(self.directory, "--watch-ms", 1, "--http-threads", 2)
        stop, problems, answers = threading.Event(), [], []

        def client():
            body = json.dumps(REQUEST).encode()
            with server.http_client() as http:
                while not stop.is_set():
                    for model, added in (("m", 1), ("n", 2)):
                        http.request("POST", f"/v2/models/{model}/infer", body)
                        answer = http.getresponse()
                        text = json.load(answer)
                        if answer.status == 200 and text["outputs"][0]["data"] == [1 + added, 2 + added]:
                            answers.append(model)
                        elif model == "n" or answer.status != 404 or not text["error"].startswith("no model 'm' is served"):
                            problems.append((model, answer.status, text))
        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(40):
                self.must(self.post(server, UNLOAD.format("m")))
                self.assertIsNone(self.added(server))
                self.must(self.post(server, LOAD.format("m")))
                self.assertEqual(self.added(server), 1)
        finally:
            stop.set()
            for thread in threads:
                thread.join(WAIT_S)
        self.assertEqual(problems[:3], [])
        self.assertIn("m", answers)
        self.assertIn("n", answers)


if __name__ == "__main__":
    unittest.main()
