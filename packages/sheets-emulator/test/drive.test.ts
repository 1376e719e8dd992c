import { auth, type drive_v3, drive as driveClient } from 'googleapis/build/src/apis/drive/index.js'
import { describe, expect, test } from 'vitest'
import { DriveFiles } from '../drive/files.ts'
import { clientOf, errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

/** The real client of Google Drive, pointed at the emulator. */
function driveOf(token = 'tester'): drive_v3.Drive {
  const oauth = new auth.OAuth2()
  oauth.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 })
  return driveClient({ version: 'v3', auth: oauth, rootUrl: bench.emulator.url, retry: false })
}

async function startOf(drive: drive_v3.Drive): Promise<string> {
  const { data } = await drive.changes.getStartPageToken({})
  expect(data).toEqual({ kind: 'drive#startPageToken', startPageToken: expect.stringMatching(/^\d+$/) })
  return data.startPageToken ?? ''
}

async function changedSince(drive: drive_v3.Drive, pageToken: string, more: object = {}) {
  const { data } = await drive.changes.list({ pageToken, ...more })
  return data
}

const errorBody = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${bench.emulator.url}drive/v3/${path}`, init)
  return { status: response.status, body: await response.json() }
}

describe('changes', () => {
  test('nothing since the start, then what an API call and a person changed', async () => {
    const drive = driveOf()
    const id = bench.make()
    const start = await startOf(drive)
    expect(await changedSince(drive, start)).toEqual({
      kind: 'drive#changeList',
      changes: [],
      newStartPageToken: start,
    })
    await bench.fill(id, [['a']])
    const { changes, newStartPageToken } = await changedSince(drive, start)
    expect(changes).toEqual([
      {
        kind: 'drive#change',
        type: 'file',
        changeType: 'file',
        removed: false,
        fileId: id,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        file: {
          kind: 'drive#file',
          id,
          name: 'Test',
          mimeType: 'application/vnd.google-apps.spreadsheet',
        },
      },
    ])
    expect(newStartPageToken).not.toBe(start)
    bench.emulator.human(id).act('type', { cell: 'B2', text: 'by hand' })
    const later = await changedSince(drive, newStartPageToken ?? '')
    expect(later.changes).toMatchObject([{ fileId: id, removed: false }])
    // A read changes nothing.
    await bench.read(id)
    expect((await changedSince(drive, later.newStartPageToken ?? '')).changes).toEqual([])
  })

  test('a file that changed several times is there once, at the place of its last change', async () => {
    const drive = driveOf()
    const [first, second] = [bench.make(), bench.make()]
    const start = await startOf(drive)
    await bench.fill(first, [['1']])
    await bench.fill(second, [['1']])
    await bench.fill(first, [['2']])
    const { changes } = await changedSince(drive, start, { fields: 'changes(fileId)' })
    expect(changes).toEqual([{ fileId: second }, { fileId: first }])
  })

  test('pages: all but the last have a nextPageToken, the last has the token for the next time', async () => {
    const drive = driveOf()
    const start = await startOf(drive)
    const ids = [bench.make(), bench.make(), bench.make()]
    const seen: unknown[] = []
    let pageToken: string | null | undefined = start
    let pages = 0
    let last: string | null | undefined
    while (pageToken) {
      const page: drive_v3.Schema$ChangeList = await changedSince(drive, pageToken, {
        pageSize: 2,
        fields: 'nextPageToken,newStartPageToken,changes/fileId',
      })
      pages++
      seen.push(...(page.changes ?? []).map(({ fileId }) => fileId))
      expect(Boolean(page.nextPageToken)).not.toBe(Boolean(page.newStartPageToken))
      pageToken = page.nextPageToken
      last = page.newStartPageToken
    }
    expect([pages, seen]).toEqual([2, ids])
    expect(await startOf(drive)).toBe(last)
  })

  test('who changed it last: me or somebody else', async () => {
    const [drive, other] = [driveOf(), driveOf('other')]
    const id = bench.make()
    const start = await startOf(drive)
    await bench.fill(id, [['a']])
    const fields = 'changes(file(version,modifiedTime,lastModifyingUser(me,displayName)))'
    const mine = await changedSince(drive, start, { fields })
    expect(mine.changes?.[0]?.file).toMatchObject({ lastModifyingUser: { me: true, displayName: 'tester' } })
    const theirs = await changedSince(other, start, { fields })
    expect(theirs.changes?.[0]?.file?.lastModifyingUser?.me).toBe(false)
    const before = mine.changes?.[0]?.file
    bench.emulator.human(id, 'Ada').act('type', { cell: 'A1', text: 'b' })
    const after = (await changedSince(drive, start, { fields })).changes?.[0]?.file
    expect(after?.lastModifyingUser?.me).toBe(false)
    expect(Number(after?.version)).toBeGreaterThan(Number(before?.version))
    expect(Date.parse(after?.modifiedTime ?? '')).toBeGreaterThanOrEqual(
      Date.parse(before?.modifiedTime ?? ''),
    )
  })

  test('a spreadsheet that is deleted, or not shared any more, is removed', async () => {
    const drive = driveOf()
    const [gone, closed] = [bench.make(), bench.make()]
    const start = await startOf(drive)
    bench.emulator.control.spreadsheets.delete(gone)
    bench.emulator.human(closed).act('type', { cell: 'A1', text: 'a' })
    bench.emulator.control.access.revoke(closed)
    const { changes } = await changedSince(drive, start)
    expect(changes).toMatchObject([
      { fileId: gone, removed: true },
      { fileId: closed, removed: true },
    ])
    expect(changes?.every((change) => change.file === undefined)).toBe(true)
    expect((await changedSince(drive, start, { includeRemoved: false })).changes).toEqual([])
  })

  test('costs no quota of Sheets and is counted apart; faults and latency reach it', async () => {
    const { control } = bench.emulator
    control.quota.set({ perUser: 0, perProject: 0 })
    control.calls.reset()
    const drive = driveOf()
    const start = await startOf(drive)
    const { read, write, drive: calls } = control.calls.counts()
    expect([read.calls, write.calls, calls.calls]).toEqual([0, 0, 1])
    control.quota.set(undefined)
    control.faults.add({ kind: 'status', status: 429, match: { calls: 'drive' } })
    expect((await errorOf(changedSince(drive, start))).status).toBe(429)
    await changedSince(drive, start)
  })

  test('a list that lags shows what changed meanwhile as one change', () => {
    let now = 1_000
    const files = new DriveFiles(() => now)
    files.lag(180_000)
    const start = files.startPageToken()
    files.touch('a')
    now += 179_999
    files.touch('a')
    expect(files.page(start, 10)?.changes).toEqual([])
    now += 1
    const page = files.page(start, 10)
    expect(page?.changes).toMatchObject([{ file: { id: 'a', version: 2 }, at: 180_999 }])
    expect(files.page(page?.newStartPageToken ?? 0, 10)?.changes).toEqual([])
  })
})

describe('files.get', () => {
  test('what was asked for, or the usual four', async () => {
    const drive = driveOf()
    const id = bench.make()
    expect((await drive.files.get({ fileId: id })).data).toEqual({
      kind: 'drive#file',
      id,
      name: 'Test',
      mimeType: 'application/vnd.google-apps.spreadsheet',
    })
    const fields = 'id,name,modifiedTime,version,trashed,mimeType'
    const { data } = await drive.files.get({ fileId: id, fields })
    expect(Object.keys(data).sort()).toEqual(fields.split(',').sort())
    expect(data).toMatchObject({ trashed: false, version: expect.stringMatching(/^\d+$/) })
    await bench.fill(id, [['a']])
    const later = (await drive.files.get({ fileId: id, fields })).data
    expect(Number(later.version)).toBeGreaterThan(Number(data.version))
  })
})

describe('errors as Drive writes them', () => {
  test('a page token that is none, or none yet', async () => {
    for (const token of ['BOGUS', '999999999999999']) {
      expect(await errorBody(`changes?pageToken=${token}`)).toEqual({
        status: 400,
        body: {
          error: {
            code: 400,
            message: 'Invalid Value',
            errors: [
              {
                message: 'Invalid Value',
                domain: 'global',
                reason: 'invalid',
                location: 'pageToken',
                locationType: 'parameter',
              },
            ],
          },
        },
      })
    }
    expect(await errorBody('changes')).toMatchObject({
      status: 400,
      body: { error: { message: 'Required parameter: pageToken', errors: [{ reason: 'required' }] } },
    })
  })

  test('a file that does not exist, or is not shared with the caller', async () => {
    const id = bench.make()
    bench.emulator.control.access.revoke(id)
    for (const fileId of [id, 'none']) {
      expect(await errorBody(`files/${fileId}`)).toEqual({
        status: 404,
        body: {
          error: {
            code: 404,
            message: `File not found: ${fileId}.`,
            errors: [
              {
                message: `File not found: ${fileId}.`,
                domain: 'global',
                reason: 'notFound',
                location: 'fileId',
                locationType: 'parameter',
              },
            ],
          },
        },
      })
    }
  })

  test('a token that is refused', async () => {
    bench.emulator.control.access.rejectToken('old')
    const { status, body } = await errorBody('changes/startPageToken', {
      headers: { authorization: 'Bearer old' },
    })
    expect(status).toBe(401)
    expect(body).toMatchObject({
      error: {
        status: 'UNAUTHENTICATED',
        errors: [{ message: 'Invalid Credentials', reason: 'authError', location: 'Authorization' }],
      },
    })
  })

  test('what the emulator does not know of Drive names itself', async () => {
    const id = bench.make()
    expect(await errorBody(`files/${id}?fields=capabilities`)).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringContaining('capabilities') } },
    })
    expect((await errorBody('changes?pageToken=1&spaces=appDataFolder')).status).toBe(501)
    expect((await errorBody('files')).status).toBe(404)
  })
})

test('a token of an earlier run shows everything that was loaded since', () => {
  const earlier = new DriveFiles(() => 1_000).startPageToken()
  const files = new DriveFiles(() => 2_000)
  files.touch('a')
  expect(files.page(earlier, 10)?.changes).toHaveLength(1)
})

test('calls with another token are another user', async () => {
  const id = bench.make()
  const api = clientOf(bench.emulator.url, 'token-of-robot@example.com')
  await api.spreadsheets.batchUpdate({ spreadsheetId: id, requestBody: { requests: [{ addSheet: {} }] } })
  const { data } = await driveOf().files.get({ fileId: id, fields: 'lastModifyingUser' })
  expect(data.lastModifyingUser).toMatchObject({
    kind: 'drive#user',
    me: false,
    displayName: 'robot@example.com',
    emailAddress: 'robot@example.com',
  })
})
