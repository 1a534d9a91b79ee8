"""GET /metrics: the format, and that its numbers are what was asked of the server."""
import json
import re
import unittest

import prometheus
from program import SOURCE, ProgramTest, Server, ServerTest, request_bytes, write_fake

ADD = "input x FP32 -1,2\noutput y FP32 -1,2\nop add 1\n"
HOSTILE = 'a"} 1 \\{x="ä"}, b'
VERSION = {"model": "m", "version": "1"}


def infer_request(rows=1):
    return {"inputs": [{"name": "x", "shape": [rows, 2], "datatype": "FP32", "data": 2 * rows * [0]}]}


class Grammar(unittest.TestCase):
    def test_the_checker_sees_what_is_wrong(self):
        head, histogram = "# HELP a A.\n# TYPE a gauge\n", "# HELP a A.\n# TYPE a histogram\n"
        for text in ("a 1\n", "# HELP a A.\na 1\n", head + head, head + "a 1\na 1\n", head + "b 1\n", head + "a 1", head + "\n",
                     head + 'a{x="""} 1\n', head + 'a{x="\\t"} 1\n', head + 'a{x="1",x="2"} 1\n', head + 'a{x="1",} 1\n',
                     head + "a one\n", head + "a_sum 1\n", head.replace("gauge", "counter") + "a -1\n",
                     histogram + 'a_bucket{le="1"} 1\na_sum 1\na_count 1\n', histogram + 'a_bucket{le="+Inf"} 1\na_count 1\n',
                     histogram + 'a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
                     histogram + 'a_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n'):
            with self.subTest(text), self.assertRaises(AssertionError):
                prometheus.parse(text)

    def test_escapes_are_undone(self):
        families = prometheus.parse('# HELP a A.\n# TYPE a gauge\na{x="q\\"b\\\\n\\nl"} -1.5e-06\na 2\n')
        self.assertEqual(families["a"].value(x='q"b\\n\nl'), -1.5e-06)
        self.assertEqual(families["a"].value(), 2)


class MetricsTest(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "m", ADD)
        config = directory / "models.yaml"
        config.write_text("schema: 1\nmodels:\n  - {path: m, executions: 1, batching: {max_batch_size: 4}}\n"
                          f"  - {{path: m, name: '{HOSTILE}'}}\n", encoding="utf-8")
        return Server(config)

    def read(self):
        answer = self.server.ask("GET", "/metrics")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return prometheus.parse(answer.body.decode())


class Metrics(MetricsTest):
    def test_what_is_asked_is_counted(self):
        before = self.read()
        for rows in (1, 3, 1):
            self.assertEqual(self.server.infer("m", infer_request(rows)).status, 200)
        self.assertEqual(self.server.infer("m", infer_request(5)).status, 400)  # more rows than a batch holds
        now = self.read()

        def more(name, suffix="", **labels):
            return now[name].value(suffix, **VERSION, **labels) - before[name].value(suffix, **VERSION, **labels)
        self.assertEqual(more("nv_inference_request_success"), 3)
        self.assertEqual(more("nv_inference_count"), 5)
        self.assertEqual(more("nv_inference_exec_count"), 3)
        self.assertEqual(more("oarlock_compute_seconds", "_count"), 3)
        self.assertEqual(more("oarlock_queue_seconds", "_bucket", le="+Inf"), 3)
        self.assertEqual([more("oarlock_batch_rows", "_bucket", le=le) for le in ("1", "2", "4", "+Inf")], [2, 2, 3, 3])
        self.assertEqual(more("oarlock_batch_rows", "_sum"), 5)
        self.assertEqual(now["oarlock_batches_closed_total"].sum(**VERSION) - before["oarlock_batches_closed_total"].sum(**VERSION), 3)
        self.assertEqual(now["nv_inference_pending_request_count"].value(**VERSION), 0)
        self.assertEqual(now["oarlock_executions"].value(**VERSION), 1)
        for name in ("nv_inference_request_success", "oarlock_executions", "oarlock_model_info"):
            self.assertEqual({dict(labels)["model"] for _, labels in now[name].samples}, {"m", HOSTILE})
        (_, info), = [key for key in now["oarlock_model_info"].samples if dict(key[1])["model"] == "m"]
        self.assertEqual(dict(info)["engine"], "fake")
        self.assertRegex(dict(info)["hash"], "^[0-9a-f]{64}$")

    def test_answers_and_connections_are_counted(self):
        before = self.read()
        with self.server.connect() as one, self.server.connect() as other:
            one.send(b"nonsense\r\n\r\n")
            self.assertEqual(one.read_answer().status, 400)
            other.send(request_bytes("GET", "/none"))
            self.assertEqual(other.read_answer().status, 404)
            now = self.read()
            self.assertGreaterEqual(now["oarlock_http_connections"].value(), 2)  # this one, and the one that asks

        def more(code):
            return now["oarlock_http_requests_total"].samples.get(("", (("code", code),)), 0) - \
                before["oarlock_http_requests_total"].samples.get(("", (("code", code),)), 0)
        self.assertEqual((more("400"), more("404"), more("200")), (1, 1, 1))

    def test_the_process_is_this_one(self):
        families = self.read()
        self.assertAlmostEqual(families["process_resident_memory_bytes"].value(), self.server.rss_bytes(), delta=32 << 20)
        self.assertGreater(families["process_cpu_seconds_total"].value(), 0)
        self.assertGreater(families["process_open_fds"].value(), 5)
        self.assertGreater(families["process_max_fds"].value(), 5)

    def test_head(self):
        answer = self.server.ask("HEAD", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertGreater(int(answer.headers["content-length"]), 1000)


class Dashboard(MetricsTest):
    """deploy/grafana/oarlock.json asks for what there is."""
    WORDS = {"sum", "rate", "by", "le", "on", "and", "group_left", "changes", "histogram_quantile", "instance", "job"}

    def test_every_metric_and_label_of_the_dashboard_is_one_of_the_server(self):
        self.server.ask("GET", "/v2")  # a code has a row once something was answered with it
        families = self.read()
        board = json.loads((SOURCE / "deploy" / "grafana" / "oarlock.json").read_text(encoding="utf-8"))
        asked = [(target["expr"], target.get("legendFormat", "")) for panel in board["panels"] for target in panel["targets"]]
        asked += [(each["expr"], "") for each in board["annotations"]["list"]]
        asked += [(each["definition"].replace("label_values", "sum by"), "") for each in board["templating"]["list"] if each["type"] == "query"]
        named = set()
        for expression, legend in asked:
            with self.subTest(expression):
                bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)
                words = set(re.findall(r"(?<![\w.])[a-zA-Z_]\w*", bare)) - self.WORDS
                metrics, labels = {word for word in words if self.family(families, word)}, set()
                self.assertTrue(metrics)
                for metric in metrics:
                    labels |= {name for _, pairs in self.family(families, metric).samples for name, _ in pairs}
                self.assertLessEqual(words - metrics, labels, "neither metrics nor their labels")
                self.assertLessEqual(set(re.findall(r"{{(\w+)}}", legend)), labels | {"instance"})
                named |= {self.family(families, metric).name for metric in metrics}
        self.assertGreater(len(named), 20)

    @staticmethod
    def family(families, name):
        base = re.sub("_(bucket|sum|count)$", "", name)
        if name in families:
            return families[name]
        return families[base] if base in families and families[base].type == "histogram" else None


class Failures(ProgramTest):
    def test_are_counted_by_reason(self):
        script = ADD + "fail_run 2 INTERNAL it broke\n"
        server = self.serve(self.fake(script), "--inline", "never")
        statuses = [server.infer("fake", infer_request()).status for _ in range(4)]
        failures = prometheus.parse(server.ask("GET", "/metrics").body.decode())["nv_inference_request_failure"]
        self.assertEqual(failures.sum(reason="BACKEND"), statuses.count(500))
        self.assertEqual(sorted(statuses), [200, 200, 500, 500])
        self.assertEqual(failures.sum(reason="REJECTED"), 0)


if __name__ == "__main__":
    unittest.main()
