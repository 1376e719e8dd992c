/** @type {import('next').NextConfig} */
export default {
  // Packages of the server that are loaded by Node, not bundled.
  serverExternalPackages: ['prisma-writeback', '@prisma/client', '@prisma/adapter-pg', 'pg'],
}
