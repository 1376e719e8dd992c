// Preloaded (node --import) it makes the process and those that it starts use the oldest pg-boss that the package
// allows. Nothing in node_modules is exchanged: a run that is killed leaves nothing behind.

import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    // By what it resolves to: Vitest imports packages by their path.
    return {
      ...resolved,
      url: resolved.url.replace('/node_modules/pg-boss/', '/node_modules/pg-boss-oldest/'),
    }
  },
})
