export { checkTriggers, type TriggerFinding } from './check.ts'
export { type InstalledFunction, installedTargets, readInstalled } from './installed.ts'
export { renderTriggerMigration, type TriggerMigration } from './migration.ts'
export { type TriggerConfig, wantedObjects } from './objects.ts'
