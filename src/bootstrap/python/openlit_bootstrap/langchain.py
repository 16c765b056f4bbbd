"""LangChain and LangGraph, by the methods of their callback managers: each run says there that it starts and ends.

A handler of ours would be seen in every `callbacks` of the program and cost a call for each chunk. What runs now is read
from the context variable in which LangChain keeps the configuration of the runs below, so nothing of ours stays attached.
"""
import functools
import inspect
import json
import sys

from . import report, spans

# Run id -> (the span that stands for it, the spans that end with it): small runs stand for their parent and end nothing.
_runs = {}

# A run that never ends (a generator that is kept for ever) must not fill the memory.
MOST = 10_000

# Runs that wrap others and have no name that people gave them.
_PLUMBING = ("Runnable", "_write", "ChannelWrite", "ChannelRead", "Branch<")


def arm():
    """Call after the body of `langchain_core.callbacks.manager`."""
    manager = sys.modules["langchain_core.callbacks.manager"]
    for start in ("on_chain_start", "on_tool_start", "on_retriever_start"):
        for owner in ("CallbackManager", "AsyncCallbackManager"):
            _wrap(getattr(manager, owner), start, None, functools.partial(_started, start))
        kind = start.split("_")[1]
        for owner in ("CallbackManagerFor%sRun", "AsyncCallbackManagerFor%sRun"):
            for end in ("end", "error"):
                _wrap(getattr(manager, owner % kind.title()), "on_%s_%s" % (kind, end), _ended, None)
    spans.sources.append(_running)


def _wrap(owner, name, before, after):
    real = getattr(owner, name)

    def safely(function, *given):
        try:
            if function is not None:
                function(*given)
        except Exception as error:
            report.status("partial", "langchain: %s: %s" % (type(error).__name__, error))

    if inspect.iscoroutinefunction(real):

        @functools.wraps(real)
        async def call(self, *args, **kwargs):
            safely(before, self, args, kwargs)
            # The coroutine's own caller, while it runs for the first time.
            caller = sys._getframe(1).f_globals.get("__name__", "") if after else None
            result = await real(self, *args, **kwargs)
            safely(after, result, args, kwargs, caller)
            return result

    else:

        @functools.wraps(real)
        def call(self, *args, **kwargs):
            safely(before, self, args, kwargs)
            result = real(self, *args, **kwargs)
            safely(after, result, args, kwargs, sys._getframe(1).f_globals.get("__name__", "") if after else None)
            return result

    setattr(owner, name, call)


def _running():
    config = sys.modules.get("langchain_core.runnables.config")
    below = config.var_child_runnable_config.get() if config is not None else None
    run = getattr(below.get("callbacks"), "parent_run_id", None) if below else None
    return _runs.get(run, (None,))[0]


def _started(event, run, args, kwargs, caller):
    if run.run_id in _runs:
        return
    serialized = (args[0] if args else kwargs.get("serialized")) or {}
    name = str(kwargs.get("name") or serialized.get("name") or (serialized.get("id") or ["?"])[-1])
    parent = _runs.get(run.parent_run_id, (None,))[0]
    if event == "on_tool_start":
        span = spans.begin("langchain", "execute_tool " + name, parent, _tool(name, args, kwargs))
    elif event == "on_retriever_start":
        facts = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": name}
        if spans.content():
            facts["gen_ai.retrieval.query.text"] = str(args[1] if len(args) > 1 else kwargs.get("query"))
        span = spans.begin("langchain", "retrieval " + name, parent, facts)
    else:
        span = _chain(name, run, parent, caller)
    if len(_runs) >= MOST:
        _runs.pop(next(iter(_runs)), None)
    # An agent that runs by itself is a workflow as well, which begins and ends with it.
    around = span.parent if span.parent is not parent and parent is None else None
    _runs[run.run_id] = (span, () if span is parent else (span,) if around is None else (span, around))


def _chain(name, run, parent, caller):
    """A graph or chain of its own is a workflow, an agent's graph an agent, a node a step; the rest only shows its parent."""
    metadata = run.metadata or {}
    graph = caller.startswith("langgraph.pregel")
    scope = "langgraph" if "langgraph_step" in metadata or graph else "langchain"
    facts = {"gen_ai.conversation.id": str(metadata["thread_id"])} if metadata.get("thread_id") else {}
    agent = (graph and metadata.get("ls_integration") == "langchain_create_agent") or name == "AgentExecutor"
    if parent is None:
        named = dict(facts, **{"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": name})
        parent = spans.begin(scope, "invoke_workflow " + name, None, named, quiet=not graph)
        if not agent:
            return parent
    # A prompt or a parser by itself is no workflow; what has steps is one.
    if parent.quiet and parent.name.startswith("invoke_workflow "):
        parent.quiet = False
    if agent:
        facts.update({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": metadata.get("lc_agent_name") or name})
        return spans.begin(scope, "invoke_agent " + facts["gen_ai.agent.name"], parent, facts)
    if any(tag.startswith("graph:step:") for tag in run.tags or ()):
        return spans.begin(scope, name, parent, {"langgraph.node": name, "langgraph.step": metadata.get("langgraph_step")})
    if name.startswith(_PLUMBING):
        return parent
    return spans.begin(scope, name, parent, quiet=True)


def _tool(name, args, kwargs):
    facts = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.type": "function"}
    if kwargs.get("tool_call_id"):
        facts["gen_ai.tool.call.id"] = kwargs["tool_call_id"]
    if spans.content():
        given = kwargs.get("inputs")
        text = json.dumps(given, default=str) if given is not None else str(args[1] if len(args) > 1 else "")
        facts["gen_ai.tool.call.arguments"] = text
    return facts


def _ended(run, args, kwargs):
    span, ending = _runs.pop(run.run_id, (None, ()))
    outcome = args[0] if args else next(iter(kwargs.values()), None)
    error = outcome if isinstance(outcome, BaseException) and not _is_control_flow(outcome) else None
    if ending and error is None and spans.content() and span.name.startswith("execute_tool "):
        span.attributes["gen_ai.tool.call.result"] = str(getattr(outcome, "content", outcome))
    for each in ending:
        spans.end(each, error)


def _is_control_flow(error):
    """A generator that was left, and how LangGraph hands control from a node to its graph, are no failures."""
    return any(kind.__name__ in ("GeneratorExit", "GraphBubbleUp") for kind in type(error).__mro__)
