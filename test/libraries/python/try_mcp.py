"""The MCP SDK: a client over streamable HTTP, and one over stdio with a server of FastMCP."""
import asyncio
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

SERVER = """
from mcp.server.fastmcp import FastMCP
server = FastMCP("local")

@server.tool()
def weather(city: str) -> str:
    return f"sunny in {city}"

server.run()
"""


async def use(streams):
    async with ClientSession(*streams[:2]) as session:
        print((await session.initialize()).serverInfo.name)
        print([tool.name for tool in (await session.list_tools()).tools])
        print((await session.call_tool("weather", {"city": "Paris"})).content[0].text)


async def main():
    async with streamablehttp_client(os.environ["PROVIDER_URL"] + "/mcp") as streams:
        await use(streams)
    command = StdioServerParameters(command=sys.executable, args=["-c", SERVER], env=dict(os.environ))
    async with stdio_client(command, errlog=open(os.devnull, "w")) as streams:
        await use(streams)


asyncio.run(main())
