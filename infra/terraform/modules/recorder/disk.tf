# Lines are acknowledged once they are on a disk that survives the task.
resource "aws_efs_file_system" "this" {
  encrypted  = true
  kms_key_id = var.kms_key_arn
  tags       = merge(var.tags, { Name = "${var.name}-write-ahead" })
}

resource "aws_efs_access_point" "this" {
  file_system_id = aws_efs_file_system.this.id
  tags           = var.tags

  posix_user {
    uid = 1000
    gid = 1000
  }

  root_directory {
    path = "/write-ahead"

    creation_info {
      owner_uid   = 1000
      owner_gid   = 1000
      permissions = "0750"
    }
  }
}

resource "aws_efs_mount_target" "this" {
  count = length(var.subnet_ids)

  file_system_id  = aws_efs_file_system.this.id
  subnet_id       = var.subnet_ids[count.index]
  security_groups = [aws_security_group.this.id]
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "The recorder: out over HTTPS, and to its disk"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "The exchange's feed and services of AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "disk" {
  security_group_id            = aws_security_group.this.id
  description                  = "NFS to the disk"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_vpc_security_group_ingress_rule" "disk" {
  security_group_id            = aws_security_group.this.id
  description                  = "NFS from the task"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}
