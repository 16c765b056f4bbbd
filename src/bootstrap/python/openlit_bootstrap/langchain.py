"""LangChain and LangGraph, by the methods of their callback managers: each run says there that it starts and ends.

A handler of ours would be seen in every `callbacks` of the program and cost a call for each chunk. What runs now is read
from the context variable in which LangChain keeps the configuration of the runs below, so nothing of ours stays attached.
"""
import functools
import json
import sys
from contextvars import ContextVar

from . import spans, wrap

# Run id -> (the span that stands for it, the spans that end with it): small runs stand for their parent and end nothing.
_runs = {}

# Whether LangChain hands its configuration on to the tasks that it makes.
_HANDS_ON = sys.version_info >= (3, 11)

# The run around a model; where nothing is handed on, around what runs here.
_around = ContextVar("openlit_around", default=None)

# A run that never ends (a generator that is kept for ever) must not fill the memory.
MOST = 10_000

# Runs that wrap others and have no name that people gave them.
_PLUMBING = ("Runnable", "_write", "ChannelWrite", "ChannelRead", "Branch<")


def arm(manager):
    """:param manager: module `langchain_core.callbacks.manager`"""
    for kind in ("Chain", "Tool", "Retriever"):
        event = "on_%s_" % kind.lower()
        for flow in ("", "Async"):
            wrap.method(getattr(manager, flow + "CallbackManager"), event + "start", None, functools.partial(_started, kind))
            runs = getattr(manager, "%sCallbackManagerFor%sRun" % (flow, kind))
            wrap.method(runs, event + "end", _ended)
            wrap.method(runs, event + "error", _ended)
    # Where a configuration is given by hand (batches, and tasks before Python 3.11), only the model knows whose it is.
    for flow in ("CallbackManager", "AsyncCallbackManager"):
        for start in ("on_chat_model_start", "on_llm_start"):
            wrap.method(getattr(manager, flow), start, _model_starts)
    spans.sources.extend((_running, _around.get))


def _running():
    config = sys.modules.get("langchain_core.runnables.config")
    below = config.var_child_runnable_config.get() if config is not None else None
    run = getattr(below.get("callbacks"), "parent_run_id", None) if below else None
    return _runs.get(run, (None,))[0]


def _model_starts(manager, args, kwargs):
    span = _runs.get(manager.parent_run_id, (None,))[0]
    if span is not _around.get() and (span is not None or _HANDS_ON):
        _around.set(span)


def _started(kind, run, args, kwargs, caller):
    if run.run_id in _runs:
        return
    serialized = (args[0] if args else kwargs.get("serialized")) or {}
    name = str(kwargs.get("name") or serialized.get("name") or (serialized.get("id") or ["?"])[-1])
    parent, workflow = _runs.get(run.parent_run_id, (None,))[0], None
    if kind == "Tool":
        span = spans.operation("langchain", "execute_tool", name, parent, _tool(args, kwargs))
    elif kind == "Retriever":
        query = str(args[1] if len(args) > 1 else kwargs.get("query"))
        facts = {"gen_ai.retrieval.query.text": query} if spans.content() else {}
        span = spans.operation("langchain", "retrieval", name, parent, facts)
    else:
        span, workflow = _chain(name, run, parent, caller)
    if not _HANDS_ON:
        _around.set(span)
    if len(_runs) >= MOST:
        _runs.pop(next(iter(_runs)), None)
    _runs[run.run_id] = (span, () if span is parent else (span,) if workflow is None else (span, workflow))


def _chain(name, run, parent, caller):
    """A graph or chain of its own is a workflow, an agent's graph an agent, a node a step; the rest only shows its parent."""
    metadata = run.metadata or {}
    graph = caller.startswith("langgraph.pregel")
    scope = "langgraph" if "langgraph_step" in metadata or graph else "langchain"
    facts = {"gen_ai.conversation.id": str(metadata["thread_id"])} if metadata.get("thread_id") else {}
    agent = (graph and metadata.get("ls_integration") == "langchain_create_agent") or name == "AgentExecutor"
    workflow = None
    if parent is None:
        # An agent that runs by itself is a workflow as well, which begins and ends with it.
        parent = workflow = spans.operation(scope, "invoke_workflow", name, None, facts, quiet=not graph)
        if not agent:
            return workflow, None
    # A prompt or a parser by itself is no workflow; what has steps is one.
    if parent.quiet and parent.name.startswith("invoke_workflow "):
        parent.quiet = False
    if agent:
        return spans.operation(scope, "invoke_agent", metadata.get("lc_agent_name") or name, parent, facts), workflow
    if any(tag.startswith("graph:step:") for tag in run.tags or ()):
        node = {"langgraph.node": name, "langgraph.step": metadata.get("langgraph_step")}
        return spans.begin(scope, name, parent, node), None
    return parent if name.startswith(_PLUMBING) else spans.begin(scope, name, parent, quiet=True), None


def _tool(args, kwargs):
    facts = {"gen_ai.tool.type": "function"}
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
