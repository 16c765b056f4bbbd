import type { Family } from '../family.js';
import { servingInvocations } from './index.js';

const WORKSPACES = ['.cloud.databricks.com', '.azuredatabricks.net', '.gcp.databricks.com'];

export const databricks: Family = {
  title: 'Databricks and SageMaker',
  reads: 'invocations of served models: chat, completions, embeddings',
  hosts: [
    { provider: 'databricks', ends: WORKSPACES, path: '/serving-endpoints/' },
    { provider: 'databricks', ends: WORKSPACES, path: '/ai-gateway/' },
  ],
  routes: [{ end: '/invocations', format: servingInvocations, weak: true }],
};
