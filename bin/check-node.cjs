'use strict'
// Whatever Node there is has to parse this file: no syntax that is younger than ES5.

/**
 * Whether Node is new enough for this package. If not, one line on stderr says which one it is, and the exit status is 1.
 */
module.exports = function checkNode() {
  var least = require('../package.json').engines.node.replace('>=', '')
  if (isAtLeast(process.versions.node, least)) return true
  var got = process.versions.node + ' (' + process.execPath + ')'
  var line = 'NODE_TOO_OLD prisma-writeback cannot run: expected Node ' + least + ' or newer, got ' + got
  process.stderr.write(line + '. Install a newer Node, or put it first in PATH\n')
  process.exitCode = 1
  return false
}

function isAtLeast(version, least) {
  var is = version.split('.')
  var must = least.split('.')
  var at
  for (at = 0; at < must.length; at++) {
    if (Number(is[at]) !== Number(must[at])) return Number(is[at]) > Number(must[at])
  }
  return true
}
