#!/usr/bin/env node
'use strict'
// Node is looked at before anything is loaded that an old one cannot even parse.
if (require('./check-node.cjs')()) require('./start.cjs')('cli/main.js')
