'use strict'
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

/** Loads a program of the built package. */
module.exports = (program) => import(pathToFileURL(join(__dirname, '..', 'dist', program)).href)
