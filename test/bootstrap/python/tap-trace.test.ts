/** Which span a call belongs to, and whether the program reports it itself. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anyPython, environment } from '../../support/python-environments.js';
import { openTapBench, type TapBench } from '../../support/tap-observed.js';
import { openTapProvider, type TapProvider } from '../../support/tap-provider.js';

jest.setTimeout(120_000);

let python: string;
let provider: TapProvider;
let bench: TapBench;
beforeAll(async () => {
  python = await environment('tap', await anyPython());
  provider = await openTapProvider();
  bench = await openTapBench();
});
afterAll(async () => {
  await bench?.close();
  await provider?.close();
});

const PRELUDE = `
import sys, httpx
from opentelemetry import trace, context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanContext, NonRecordingSpan, TraceFlags, TraceState, set_span_in_context
tracer = TracerProvider().get_tracer("app")
def call():
    httpx.post(sys.argv[1] + "/v1/chat/completions", json={"messages": []})
def under(**attributes):
    with tracer.start_as_current_span("span", attributes={name.replace("__", "."): value for name, value in attributes.items()}) as span:
        ids = span.get_span_context()
        print("%032x %016x %d" % (ids.trace_id, ids.span_id, ids.trace_flags))
        call()
`;

async function requests(code: string, count: number) {
  bench.clear();
  const ran = await bench.run(python, ['-c', PRELUDE + code, provider.http]);
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  const exchanges = await bench.exchanges(count);
  return { said: ran.stdout.trim().split('\n'), requests: exchanges.map(each => each.request) };
}

test('the active span is the parent', async () => {
  const code = `
call()
under()
remote = SpanContext(1, 2, True, TraceFlags(0), TraceState([("a", "b")]))
with trace.use_span(NonRecordingSpan(remote)):
    call()
`;
  const {
    said,
    requests: [none, app, remote],
  } = await requests(code, 3);
  expect(none).toEqual({});
  const [traceId, spanId, flags] = said[0]!.split(' ');
  expect(app).toEqual({ parent: { traceId, spanId, traceFlags: Number(flags) } });
  const ids = { traceId: '1'.padStart(32, '0'), spanId: '2'.padStart(16, '0') };
  expect(remote).toEqual({ parent: { ...ids, traceFlags: 0, traceState: 'a=b' } });
});

test('a span that stands for the call already', async () => {
  const code = `
under(gen_ai__operation__name="chat", gen_ai__request__model="m")
under(gen_ai__operation__name="chat")
under(gen_ai__operation__name="invoke_agent", gen_ai__request__model="m")
under(openinference__span__kind="LLM")
under(openinference__span__kind="CHAIN")
under(llm__request__type="chat")
token = context.attach(context.set_value("suppress_instrumentation", True))
call()
context.detach(token)
`;
  const { requests: seen } = await requests(code, 7);
  const reported = seen.map(request => request.reported);
  const active = 'the active span';
  expect(reported).toEqual([active, undefined, undefined, active, undefined, active, 'a suppressed context']);
});

test('a program that runs OpenLIT itself', async () => {
  const code =
    'import types\nsys.modules["openlit"] = types.ModuleType("openlit")\nsys.modules["openlit"].__file__ = "x"\ncall()';
  const {
    requests: [own],
  } = await requests(code, 1);
  expect(own).toEqual({ reported: 'the program uses openlit itself' });
});

test('an OpenTelemetry that fails costs the context, not the call', async () => {
  const {
    requests: [request],
  } = await requests('del trace.get_current_span\ncall()', 1);
  expect(request).toEqual({});
});
