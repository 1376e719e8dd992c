import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { findBinaries } from '../../tools/postgres/binaries.ts'
import { writebackProcess } from '../cli/support.ts'
import { startWorkerProcess } from '../support/worker-process.ts'

// Making a certificate takes the openssl program; without it this one file is left out.
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!hasOpenssl)(
  'Postgres with TLS and a certificate that nobody signed, as Heroku has it',
  () => {
    let folder: string
    let postgres: EmbeddedPostgres
    let emulator: Emulator
    let url: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'writeback-tls-'))
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
      const subject = ['-subj', '/CN=nobody', '-days', '2', '-nodes', '-newkey', 'rsa:2048']
      execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', certificate], {
        stdio: 'ignore',
      })
      const { uid, gid }: { uid?: number; gid?: number } = (await findBinaries()).runAs ?? {}
      chmodSync(folder, 0o755)
      chmodSync(key, 0o600)
      if (uid !== undefined) chownSync(key, uid, gid ?? uid)
      const settings = { ssl: 'on', ssl_key_file: key, ssl_cert_file: certificate }
      postgres = await startEmbeddedPostgres({ fsync: false, settings })
      url = await postgres.createDatabase('tls')
      emulator = await startEmulator()
      emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
    })
    afterAll(async () => {
      await emulator?.close()
      await postgres?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    it('is used by the release step, and by every connection of a worker', async () => {
      const env = { DATABASE_URL: url, SHEETS_API_URL: emulator.url, PGSSLMODE: 'no-verify' }
      const migrated = await writebackProcess(['migrate'], env)
      expect(migrated.code, migrated.stderr).toBe(0)
      const doctor = await writebackProcess(['doctor', '--no-places'], env)
      expect(doctor.stdout).toMatch(/ok database: PostgreSQL \S+, with TLS/)

      const worker = await startWorkerProcess(env)
      const client = new pg.Client({ connectionString: url, ssl: { rejectUnauthorized: false } })
      await client.connect()
      try {
        const { rows } = await client.query(
          `select a.application_name, s.ssl from pg_stat_activity a join pg_stat_ssl s using (pid)
         where a.datname = 'tls' and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'`,
        )
        expect(rows.length).toBeGreaterThanOrEqual(2)
        expect(rows.filter((row) => !row.ssl)).toEqual([])
      } finally {
        await client.end()
        worker.child.kill('SIGTERM')
        expect(await worker.ended).toEqual({ code: 0, signal: null })
      }
    })
  },
)
