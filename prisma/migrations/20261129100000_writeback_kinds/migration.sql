-- AlterTable
ALTER TABLE "sync_target" ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'sheet',
ADD COLUMN     "place" JSONB NOT NULL DEFAULT '{}',
ALTER COLUMN "tab" SET DEFAULT '';

-- AlterTable
ALTER TABLE "sync_lane" ADD COLUMN     "place" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "sync_record" DROP COLUMN "operation",
ADD COLUMN     "hash" TEXT,
ADD COLUMN     "keys" TEXT[],
ADD COLUMN     "ticket" BIGINT;

-- DropEnum
DROP TYPE "sync_operation";
