import type { Settings } from '../config/settings.js';
import { settingsToEnvironment } from '../config/to-environment.js';
import { VARIABLES } from '../config/variables.js';
import type { Environment } from './otlp/settings.js';
import { type TelemetrySettings, telemetrySettingsFromEnvironment } from './settings.js';

/** For our own process: resolved settings (flags, environment, file), laid over what only the environment can say. */
export function telemetrySettings(settings: Settings, env: Environment): TelemetrySettings {
  const overlay: Record<string, string> = settingsToEnvironment(settings);
  if (settings.disabled) overlay[VARIABLES.sdkDisabled] = 'true';
  return telemetrySettingsFromEnvironment({ ...env, ...overlay });
}
