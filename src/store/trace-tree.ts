/** Calls and steps of traces as trees: an agent, its tools, its calls. */
import { type CallTable, idOf } from './call-table.js';

export interface TreeNode {
  readonly row: number;
  readonly children: readonly TreeNode[];
}

/**
 * Rows as trees, roots and children in the order of their starts. A row whose parent is not among them is a root.
 * @param rows of one or of many traces; each trace keeps its own roots
 */
export function traceTrees(table: CallTable, rows: readonly number[]): TreeNode[] {
  const { start } = table.columns;
  const keyOf = (row: number) => `${idOf(table, 'trace', row)} ${idOf(table, 'id', row)}`;
  const nodes = [...rows]
    .sort((a, b) => start[a]! - start[b]! || a - b)
    .map(row => ({ row, children: [] as TreeNode[] }));
  // Of two rows with one id, which no sender of ours writes, the first has the children.
  const byKey = new Map(nodes.toReversed().map(node => [keyOf(node.row), node]));
  const roots: TreeNode[] = [];
  for (const node of nodes) {
    const parent = idOf(table, 'parent', node.row);
    const above = parent === undefined ? undefined : byKey.get(`${idOf(table, 'trace', node.row)} ${parent}`);
    // What stands below itself, by a fault of its sender, would never be shown.
    if (above === undefined || reaches(byKey, table, above, keyOf(node.row))) roots.push(node);
    else above.children.push(node);
  }
  return roots;
}

/** Whether the parents of a node lead to `key`. */
function reaches(
  nodes: ReadonlyMap<string, { readonly row: number }>,
  table: CallTable,
  from: { readonly row: number },
  key: string,
): boolean {
  let node: { readonly row: number } | undefined = from;
  for (let steps = 0; node !== undefined; steps++) {
    const trace = idOf(table, 'trace', node.row);
    if (`${trace} ${idOf(table, 'id', node.row)}` === key) return true;
    if (steps > nodes.size) return true;
    const parent = idOf(table, 'parent', node.row);
    node = parent === undefined ? undefined : nodes.get(`${trace} ${parent}`);
  }
  return false;
}
