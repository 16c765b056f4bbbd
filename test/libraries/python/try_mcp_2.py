"""The second generation of the MCP SDK: its client over streamable HTTP, and over stdio with a server of its own."""
import asyncio
import os
import sys

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

SERVER = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("local")

@server.tool()
def weather(city: str) -> str:
    return f"sunny in {city}"

server.run()
"""


async def use(place):
    async with Client(place) as client:
        print([tool.name for tool in (await client.list_tools()).tools])
        print((await client.call_tool("weather", {"city": "Paris"})).content[0].text)


async def main():
    await use(os.environ["PROVIDER_URL"] + "/mcp")
    command = StdioServerParameters(command=sys.executable, args=["-c", SERVER], env=dict(os.environ))
    await use(stdio_client(command, errlog=open(os.devnull, "w")))


asyncio.run(main())
